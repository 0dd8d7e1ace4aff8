import type { Clock } from "../../runtime/clock.ts";
import { createMetricRegistry, type MetricRegistry } from "../../runtime/metrics/registry.ts";
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
  readonly registry: MetricRegistry;
}

/** The prober's metrics of its users' requests. The affected ratio is that of the last 10 s, at each scrape. */
export function createProbeMetrics(
  { users, requestTimeoutMs }: { readonly users: number; readonly requestTimeoutMs: number },
  clock: Clock,
): ProbeMetrics {
  const settleMs = WINDOW_MS + requestTimeoutMs;
  const registry = createMetricRegistry();
  const windows = createWindows({ users, keepMs: settleMs });

  const requests = registry.counter(
    "probe_requests_total",
    "Requests of the probing users, by route and by what came of them",
    "route",
    "result",
  );
  const duration = registry.histogram({
    name: "probe_request_duration_seconds",
    help: "Time that a probing user waited, until the answer or until giving up",
    labelNames: ["route"],
    bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const affectedRatio = registry
    .gauge(
      "probe_users_affected_ratio",
      "Share of the users for whom more than half of their requests to some route failed in the last 10 s, or when they last came",
    )
    .of();
  registry.onRead(() => {
    const now = clock.wall();
    affectedRatio.value = windows.affected(now - WINDOW_MS, now, ({ ratio }) => ratio);
  });
  const children = new Map(
    ROUTES.map((route) => [
      route,
      {
        duration: duration.of(route).buckets,
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
        if (count) count.value += 1;
        child?.duration.observe(record.durationMs / 1000);
      }
      windows.add(records);
      windows.settle(clock.wall() - settleMs);
    },
  };
}
