import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Gauge, Registry } from "prom-client";
import type { Clock } from "../../runtime/clock.ts";
import { createCounterFamily } from "../../runtime/counter-family.ts";
import { createHistogramFamily } from "../../runtime/histogram-family.ts";
import type { ProbeRecord, ProbeRoute } from "./record.ts";
import { createWindows, WINDOW_MS } from "./windows.ts";

const ROUTES: readonly ProbeRoute[] = ["page", "account", "login", "api"];
const RESULTS: readonly ProbeRecord["result"][] = [
  "ok",
  "status",
  "timeout",
  "refused",
  "cut",
  "wrong",
  "unproved",
];

export interface ProbeMetrics {
  observe(records: readonly ProbeRecord[]): void;
  readonly registry: Registry;
}

/** What the prober publishes of its users' fortunes. The affected ratio is that of the last 10 s, at each scrape. */
export function createProbeMetrics(
  { users, patienceMs }: { readonly users: number; readonly patienceMs: number },
  clock: Clock,
): ProbeMetrics {
  const settleMs = WINDOW_MS + patienceMs;
  const registry = new Registry();
  const registers = [registry];
  const windows = createWindows({ users, keepMs: settleMs });

  const requests = createCounterFamily({
    name: "probe_requests_total",
    help: "Requests of the probing users, by route and by what came of them",
    labelNames: ["route", "result"],
    registers,
  });
  const duration = createHistogramFamily({
    name: "probe_request_duration_seconds",
    help: "Time that a probing user waited, until the answer or until giving up",
    labelNames: ["route"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const affectedRatio = new Gauge({
    name: "probe_users_affected_ratio",
    help: "Share of the users for whom more than half of their requests to some route failed in the last 10 s, or when they last came",
    registers: [],
    collect() {
      const now = clock.wall();
      this.set(windows.affected(now - WINDOW_MS, now, ({ ratio }) => ratio));
    },
  });
  registry.registerMetric(affectedRatio);
  const children = new Map(
    ROUTES.map((route) => [
      route,
      {
        duration: duration.of(route),
        results: new Map(RESULTS.map((result) => [result, requests.of(route, result)])),
      },
    ]),
  );

  return {
    registry,
    observe(records) {
      for (const record of records) {
        const child = children.get(record.route);
        const count = child?.results.get(record.result);
        if (count) count.untold += 1;
        child?.duration.observe(record.durationMs / 1000);
      }
      windows.add(records);
      windows.settle(clock.wall() - settleMs);
    },
  };
}

/** Serves GET /metrics at this address (port 0: any) until the signal is aborted. Resolves with the port. */
export async function serveMetrics(
  registry: Registry,
  { host, port }: { readonly host: string; readonly port: number },
  lifetime: AbortSignal,
): Promise<number> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen({ port, host, signal: lifetime });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
