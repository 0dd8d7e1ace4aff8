import { createBuckets, type Buckets } from "../runtime/metrics/buckets.ts";
import { createMetricRegistry, type MetricRegistry } from "../runtime/metrics/registry.ts";
import type { Capacity } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import type { Sessions } from "./sessions.ts";

/** The metrics of a backend; every sample carries the backend's name and role. */
export interface BackendMetrics {
  /** Counts one answer by its status. Health checks and scrapes are no requests. */
  answered(code: number): void;
  /** Observes one query's duration, waiting included. Only in the database. */
  queried(seconds: number): void;
  registry(): MetricRegistry;
}

const QUERY_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * A backend's metrics; `sessions` only in an auth server. The registry is made at its first read: of thousands of
 * simulated backends most are never read.
 */
export function createBackendMetrics(
  { name, role }: Pick<BackendConfig, "name" | "role">,
  capacity: Capacity,
  sessions: Sessions | undefined,
): BackendMetrics {
  /** One for each status code: a few. */
  const codes: CodeCount[] = [];
  const queries = role === "database" ? createBuckets(QUERY_BUCKETS_SECONDS) : undefined;
  let made: MetricRegistry | undefined;
  const registry = () => (made ??= declare({ name, role }, { capacity, sessions, codes, queries }));

  return {
    answered(code) {
      for (const known of codes)
        if (known.code === code) {
          known.count += 1;
          return;
        }
      codes.push({ code, count: 1 });
    },
    queried: (seconds) => queries?.observe(seconds),
    registry,
  };
}

interface CodeCount {
  readonly code: number;
  count: number;
}

interface Sources {
  readonly capacity: Capacity;
  readonly sessions: Sessions | undefined;
  readonly codes: readonly CodeCount[];
  readonly queries: Buckets | undefined;
}

function declare(
  { name: backend, role }: Pick<BackendConfig, "name" | "role">,
  { capacity, sessions, codes, queries }: Sources,
): MetricRegistry {
  const registry = createMetricRegistry({ backend, role });
  const requests = registry.counter("backend_requests_total", "Requests answered, by status", "code");
  registry.onRead(() => {
    for (const { code, count } of codes) requests.of(String(code)).value = count;
  });

  /** Declares a gauge that is read from its owner at each scrape. */
  function gauge(metric: string, help: string, read: () => number): void {
    const level = registry.gauge(metric, help).of();
    registry.onRead(() => void (level.value = read()));
  }
  gauge("backend_in_flight", "Requests in service", () => capacity.inFlight());
  gauge("backend_queue_length", "Requests waiting for a slot", () => capacity.queued());
  gauge("backend_saturation_ratio", "Busy slots over all slots", () => capacity.saturation());
  if (sessions) gauge("backend_sessions", "Sessions that have not expired", () => sessions.count());
  if (queries)
    registry.histogram(
      {
        name: "database_query_duration_seconds",
        help: "Query duration, from its arrival to its answer",
        labelNames: [],
        bounds: QUERY_BUCKETS_SECONDS,
      },
      () => queries,
    );
  return registry;
}
