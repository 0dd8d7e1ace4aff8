import type { MetricRegistry } from "../../runtime/metrics/registry.ts";
import type { RequestRecord } from "../balancer.ts";
import type { CanaryEvent, CanaryStatus } from "../config/rollout/canary.ts";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted of canaries. Series begin with the first of them: a balancer without has none. */
export interface CanaryMetrics {
  /** A request has ended that met one of two versions. */
  request(record: RequestRecord): void;
  event(event: CanaryEvent): void;
  /** The process before this one left a canary behind. */
  lost(status: CanaryStatus): void;
}

/** The families, in the registry of the balancer's process. */
export function declareCanaryMetrics(registry: MetricRegistry) {
  const { counter, gauge } = registry;
  return {
    version: gauge(
      "lb_canary_version",
      "Version of the configuration that a part of the users meets; 0: none",
    ),
    share: gauge("lb_canary_share_ratio", "Part of the users (0..1) that meets it"),
    requests: counter(
      "lb_canary_requests_total",
      "Requests that have ended while two versions served, by whose they were and the status that the client got",
      "arm",
      "code",
    ),
    duration: registry.histogram({
      name: "lb_canary_request_duration_seconds",
      help: "The same requests, from the head to the end of the answer",
      labelNames: ["arm"],
      bounds: SECONDS,
    }),
    verdicts: counter("lb_canary_verdicts_total", "Windows that were judged, by the verdict", "verdict"),
    ends: counter(
      "lb_canary_ended_total",
      "Canaries that have ended, by why: promoted or aborted by hand, baked, worse, inconclusive, or lost with their process",
      "why",
    ),
  };
}

export type CanaryMeters = ReturnType<typeof declareCanaryMetrics>;

export function createCanaryMetrics({
  version,
  share,
  requests,
  duration,
  verdicts,
  ends,
}: CanaryMeters): CanaryMetrics {
  /** What appears with its first event has not risen: alerts need it at 0. */
  function begin() {
    for (const verdict of ["better", "worse", "inconclusive"]) verdicts.of(verdict);
    for (const why of ["promoted", "baked", "aborted", "worse", "inconclusive", "lost"]) ends.of(why);
  }

  return {
    request({ arm, status, totalMs }) {
      if (arm === undefined) return;
      const code = status >= 100 && status <= 599 ? `${Math.floor(status / 100)}xx` : "other";
      requests.of(arm, code).value += 1;
      duration.of(arm).buckets.observe(totalMs / 1000);
    },
    event(event) {
      if (event.event === "started") begin();
      const { status } = event;
      const running = status.ended === undefined;
      version.of().value = running ? status.version : 0;
      share.of().value = running ? status.share : 0;
      if (event.event === "verdict") verdicts.of(event.judgement.verdict).value += 1;
      if (status.ended) ends.of(status.ended.why).value += 1;
    },
    lost(status) {
      begin();
      if (status.ended) ends.of(status.ended.why).value += 1;
    },
  };
}
