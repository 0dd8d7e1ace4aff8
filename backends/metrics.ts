import { Gauge, Registry } from "prom-client";
import { createCounterFamily, type Count } from "../runtime/counter-family.ts";
import { createHistogramFamily } from "../runtime/histogram-family.ts";
import type { Capacity } from "./capacity.ts";
import type { BackendConfig } from "./config.ts";
import type { Sessions } from "./sessions.ts";

/** What a backend tells Prometheus; every sample carries the backend's name and role. */
export interface BackendMetrics {
  /** Counts one answer by its status. Health checks and scrapes are no requests. */
  answered(code: number): void;
  /** Observes one query's duration, waiting included. Only in the database. */
  queried(seconds: number): void;
  readonly registry: Registry;
  readonly contentType: string;
  text(): Promise<string>;
}

const QUERY_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Declares a backend's metrics; `sessions` only in an auth server. */
export function createBackendMetrics(
  { name, role }: Pick<BackendConfig, "name" | "role">,
  capacity: Capacity,
  sessions: Sessions | undefined,
): BackendMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ backend: name, role });
  const registers = [registry];

  const requests = createCounterFamily({
    name: "backend_requests_total",
    help: "Requests answered, by status",
    labelNames: ["code"],
    registers,
  });
  const byCode = new Map<number, Count>();

  /** A gauge that is read from its owner when somebody scrapes. */
  const gauge = (metric: string, help: string, read: () => number) =>
    new Gauge({
      name: metric,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("backend_in_flight", "Requests in service", () => capacity.inFlight);
  gauge("backend_queue_length", "Requests waiting for a slot", () => capacity.queued);
  gauge("backend_saturation_ratio", "Busy slots over all slots", () => capacity.saturation);
  if (sessions) gauge("backend_sessions", "Sessions that have not expired", () => sessions.count());
  const queries =
    role === "database"
      ? createHistogramFamily({
          name: "database_query_duration_seconds",
          help: "Query duration, from its arrival to its answer",
          buckets: QUERY_BUCKETS_SECONDS,
          registers,
        }).of()
      : undefined;

  return {
    answered(code) {
      let counter = byCode.get(code);
      if (!counter) byCode.set(code, (counter = requests.of(String(code))));
      counter.untold += 1;
    },
    queried: (seconds) => queries?.observe(seconds),
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
