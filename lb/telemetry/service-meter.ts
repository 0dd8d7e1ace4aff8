import type { Clock } from "../../runtime/clock.ts";
import type { RequestRecord } from "../balancer.ts";

/** What users got in a span of time, by the balancer's own counters. */
export interface ServiceCounts {
  readonly requests: number;
  /** Of these, those that failed: a 5xx, an answer of the balancer's own or one that was cut, or a client that waited in vain. */
  readonly failures: number;
  /** Answers by the bucket of their time, see `quantileMs`. */
  readonly times: Float64Array;
}

/** The busiest span that was seen of a pool's load. */
export interface LoadSeen {
  /** Milliseconds back from now that were looked through. */
  readonly windowMs: number;
  /** By pool: requests that were worked on at a time, on average over the busiest 10 s. */
  readonly inFlight: ReadonlyMap<string, number>;
}

/** Counts requests for whoever compares times before a change with those after it. Counts nothing until it is turned on. */
export interface ServiceMeter {
  turn(on: boolean): void;
  request(record: RequestRecord): void;
  /** All since it was turned on; a copy. */
  read(): ServiceCounts;
  /** Undefined until it has counted for a whole span of 10 s. */
  load(): LoadSeen | undefined;
}

/** A client that leaves after so long has given up; one that leaves earlier may have had other reasons. */
const GAVE_UP_MS = 1000;
/** Buckets grow by a twentieth: p95 is right to that. */
const GROWTH = Math.log(1.05);
/** The last holds all from half a minute on. */
const BUCKETS = 212;
const SPAN_MS = 10_000;
const SPANS = 60;

export function createServiceMeter({ clock }: { readonly clock: Pick<Clock, "now"> }): ServiceMeter {
  let [on, requests, failures] = [false, 0, 0];
  let times = new Float64Array(BUCKETS);
  /** By pool: milliseconds worked in the span that runs, and requests in flight of the busiest of each past span. */
  let busy = new Map<string, number>();
  let spans: ReadonlyMap<string, number>[] = [];
  let spanEnd = 0;

  function turnSpans(): void {
    const now = clock.now();
    if (now < spanEnd) return;
    spans.push(new Map(Array.from(busy, ([pool, ms]) => [pool, ms / SPAN_MS])));
    busy = new Map();
    spanEnd += SPAN_MS;
    // Spans in which nothing ended: all are empty.
    const missed = Math.floor((now - spanEnd) / SPAN_MS) + 1;
    for (let i = 0; i < Math.min(missed, SPANS); i++) spans.push(new Map());
    if (missed > 0) spanEnd += missed * SPAN_MS;
    spans = spans.slice(-SPANS);
  }

  return {
    turn(wanted) {
      if (wanted && !on) {
        [requests, failures, times, busy, spans] = [0, 0, new Float64Array(BUCKETS), new Map(), []];
        spanEnd = clock.now() + SPAN_MS;
      }
      on = wanted;
    },
    request(record) {
      if (!on) return;
      turnSpans();
      requests += 1;
      if (hasFailed(record)) failures += 1;
      // The time of a tunnel is no time of an answer.
      else if (record.status !== 101) {
        const at = bucketOf(record.totalMs);
        times[at] = (times[at] ?? 0) + 1;
      }
      if (record.attempts.length > 0 && record.status !== 101)
        busy.set(record.pool, (busy.get(record.pool) ?? 0) + record.totalMs - (record.queueMs ?? 0));
    },
    read: () => ({ requests, failures, times: times.slice() }),
    load() {
      if (!on) return undefined;
      turnSpans();
      if (spans.length === 0) return undefined;
      const inFlight = new Map<string, number>();
      for (const span of spans)
        for (const [pool, mean] of span) inFlight.set(pool, Math.max(mean, inFlight.get(pool) ?? 0));
      return { windowMs: spans.length * SPAN_MS, inFlight };
    },
  };
}

function hasFailed({ status, flag, reason, totalMs }: RequestRecord): boolean {
  if (reason === "client-left") return totalMs >= GAVE_UP_MS;
  return status >= 500 || flag !== "-";
}

/** Counts between two readings. */
export const between = (from: ServiceCounts, to: ServiceCounts): ServiceCounts => ({
  requests: to.requests - from.requests,
  failures: to.failures - from.failures,
  times: to.times.map((count, i) => count - (from.times[i] ?? 0)),
});

/** A quantile (0..1) of the answers' times in milliseconds, to a twentieth; undefined without answers. */
export function quantileMs({ times }: ServiceCounts, q: number): number | undefined {
  const all = times.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let left = Math.ceil(q * all);
  const at = times.findIndex((count) => (left -= count) <= 0);
  return Math.exp(at * GROWTH);
}

const bucketOf = (ms: number): number =>
  ms <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / GROWTH));
