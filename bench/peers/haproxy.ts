import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { installed, type Contender } from "./contender.ts";

/** One thread, health checks, connection limits; no access log. */
export const haproxy = (searchPath: string): Contender => ({
  name: "HAProxy",
  with: "keep-alive, health checks, limits, no access log",
  prepare({ port, upstreamPorts, dir }) {
    const file = installed("haproxy", searchPath);
    if (file === undefined) return { missing: "HAProxy is not installed" };
    const config = join(dir, "haproxy.cfg");
    writeFileSync(
      config,
      `global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  http-reuse always
frontend public
  bind 127.0.0.1:${port}
  default_backend shop
backend shop
  balance roundrobin
  option httpchk GET /healthz
${upstreamPorts.map((upstream, i) => `  server web-${i + 1} 127.0.0.1:${upstream} check inter 2s maxconn 64`).join("\n")}
`,
    );
    return { file, args: ["-db", "-f", config] };
  },
});
