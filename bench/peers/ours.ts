import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineName } from "../../lb/transport/engines.ts";
import type { Contender } from "./contender.ts";

export const nameOfOurs = (engine: EngineName): string => `lblab, ${engine}`;

/** Our own balancer, of the build in `dist`, as `lblab balancer` runs it, with everything on that costs time. */
export const ours = (name: string, engine: EngineName, node: string, dist: string): Contender => ({
  name,
  with: "keep-alive, metrics, JSON access log, health checks, limits, outlier detection, queue, retries",
  logFile: "access.log",
  prepare({ port, upstreamPorts, dir }) {
    const config = join(dir, "balancer.yaml");
    const upstreams = upstreamPorts.map(
      (upstream, i) => `      - { name: web-${i + 1}, address: 127.0.0.1:${upstream}, maxConnections: 64 }\n`,
    );
    writeFileSync(
      config,
      `listeners:
  - { name: public, bind: 127.0.0.1:${port}, routes: [{ path: /, pool: web }] }
pools:
  web:
    policy: { type: round-robin }
    health: { path: /healthz, intervalMs: 2000 }
    outlier: { consecutive5xx: 5 }
    queue: { limit: 128, timeoutMs: 2000 }
    retry: { attempts: 1, on: [connect-failure], budgetPercent: 20 }
    upstreams:
${upstreams.join("")}engine: ${engine}
accessLog: { path: access.log, format: json }
admin: { bind: 127.0.0.1:0 }
`,
    );
    return { file: node, args: [join(dist, "lab", "cli", "main.js"), "balancer", "--config", config] };
  },
});
