import type { EngineName } from "../../lb/transport/engines.ts";

/** A balancer's configuration with all on that is usually on: health checks, outlier detection, access log. */
export function shopConfig(
  ports: readonly number[],
  engine: EngineName,
  pool: Record<string, unknown> = {},
  rest: Record<string, unknown> = {},
): object {
  return {
    listeners: [{ name: "public", bind: "127.0.0.1:0", routes: [{ path: "/", pool: "web" }] }],
    pools: {
      web: {
        policy: { type: "round-robin" },
        health: { path: "/healthz", intervalMs: 1000, timeoutMs: 900 },
        outlier: {},
        upstreams: upstreams(ports),
        ...pool,
      },
    },
    engine,
    accessLog: { path: "access.log" },
    admin: { bind: "127.0.0.1:0" },
    ...rest,
  };
}

/** One upstream a port, with room for what a bar sends. */
export const upstreams = (ports: readonly number[], weightOf: (i: number) => number = () => 1): object[] =>
  ports.map((port, i) => ({
    name: `web-${i + 1}`,
    address: `127.0.0.1:${port}`,
    weight: weightOf(i),
    maxConnections: 1000,
  }));
