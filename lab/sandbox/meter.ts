import type { RequestRecord } from "../../lb/balancer.ts";
import type { PickReason } from "../../lb/pick-reasons.ts";

/** Figures are of the requests that ended in so long. */
export const WINDOW_MS = 5000;

/** Figures of a side's requests. Durations in ms, of those that did not fail; undefined without any. Ratios 0..1. */
export interface SideFigures {
  readonly requestsPerSecond: number;
  readonly failedRatio: number;
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Attempts for each request; 1 without retries. */
  readonly attemptsPerRequest: number;
}

export interface UpstreamFigures {
  /** Of all attempts. */
  readonly share: number | undefined;
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
  readonly p95Ms: number | undefined;
}

export interface SideMeter {
  add(record: RequestRecord, nowMs: number): void;
  figures(nowMs: number): SideFigures;
  byUpstream(names: readonly string[], nowMs: number): readonly UpstreamFigures[];
  /** Why upstreams were picked, the most frequent first, each with its part of all attempts. */
  reasons(nowMs: number): readonly (readonly [reason: PickReason, part: number])[];
}

interface Ended {
  readonly atMs: number;
  readonly totalMs: number;
  readonly failed: boolean;
  readonly attempts: RequestRecord["attempts"];
}

export function createSideMeter(): SideMeter {
  let ended: Ended[] = [];

  function latest(nowMs: number): readonly Ended[] {
    const first = ended.findIndex(({ atMs }) => atMs > nowMs - WINDOW_MS);
    ended = first < 0 ? [] : ended.slice(first);
    return ended;
  }
  const secondsOf = (nowMs: number): number => Math.max(1, Math.min(WINDOW_MS, nowMs)) / 1000;

  return {
    add({ status, flag, totalMs, attempts }, nowMs) {
      ended.push({ atMs: nowMs, totalMs, failed: status >= 500 || flag !== "-", attempts });
    },
    figures(nowMs) {
      const all = latest(nowMs);
      const times = sorted(all.filter(({ failed }) => !failed));
      const failures = all.length - times.length;
      const attempts = all.reduce((sum, one) => sum + one.attempts.length, 0);
      return {
        requestsPerSecond: all.length / secondsOf(nowMs),
        failedRatio: all.length === 0 ? 0 : failures / all.length,
        p50Ms: quantile(times, 0.5),
        p95Ms: quantile(times, 0.95),
        p99Ms: quantile(times, 0.99),
        attemptsPerRequest: all.length === 0 ? 1 : attempts / all.length,
      };
    },
    byUpstream(names, nowMs) {
      const all = latest(nowMs);
      const seconds = secondsOf(nowMs);
      const attempts = all.flatMap((one) => one.attempts);
      const sent = counted(attempts.map(({ upstream }) => upstream));
      const failed = counted(attempts.flatMap(({ upstream, result }) => (result === "ok" ? [] : upstream)));
      const answered = new Map<string, Ended[]>(names.map((name) => [name, []]));
      for (const one of all) if (!one.failed) answered.get(one.attempts.at(-1)?.upstream ?? "")?.push(one);
      return names.map((name) => ({
        share: attempts.length === 0 ? undefined : (sent.get(name) ?? 0) / attempts.length,
        requestsPerSecond: (sent.get(name) ?? 0) / seconds,
        failuresPerSecond: (failed.get(name) ?? 0) / seconds,
        p95Ms: quantile(sorted(answered.get(name) ?? []), 0.95),
      }));
    },
    reasons(nowMs) {
      const picks = latest(nowMs).flatMap((one) => one.attempts.flatMap((a) => a.pickedBecause ?? []));
      return [...counted(picks)]
        .map(([reason, count]) => [reason, count / picks.length] as const)
        .sort(([, a], [, b]) => b - a);
    },
  };
}

function counted<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const sorted = (ended: readonly Ended[]): Float64Array =>
  Float64Array.from(ended, ({ totalMs }) => totalMs).sort();

/** By nearest rank. */
function quantile(times: Float64Array, part: number): number | undefined {
  return times[Math.max(0, Math.ceil(part * times.length) - 1)];
}
