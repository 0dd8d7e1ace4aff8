import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installed, type Contender } from "./contender.ts";

/** One worker, upstream keep-alive, buffers that hold each answer; no access log. */
export const nginx = (searchPath: string, user: string): Contender => ({
  name: "nginx",
  with: "keep-alive, no access log",
  prepare({ port, upstreamPorts, dir }) {
    const file = installed("nginx", searchPath);
    if (file === undefined) return { missing: "nginx is not installed" };
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => {
      mkdirSync(join(dir, kind));
      return `${kind}_temp_path ${join(dir, kind)};`;
    });
    const config = join(dir, "nginx.conf");
    writeFileSync(
      config,
      `daemon off; pid ${join(dir, "pid")}; error_log ${join(dir, "error.log")}; worker_processes 1;
${user === "root" ? "user root;" : ""}
events { worker_connections 1024; }
http {
  access_log off; ${temporary.join(" ")}
  keepalive_requests 1000000000; client_body_buffer_size 64k; proxy_buffers 16 8k;
  upstream shop {
    ${upstreamPorts.map((upstream) => `server 127.0.0.1:${upstream};`).join(" ")}
    keepalive 128; keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
    );
    return { file, args: ["-c", config, "-e", join(dir, "error.log")] };
  },
});
