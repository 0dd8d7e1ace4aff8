import type { SteadyState } from "../../scenarios/scenario.ts";
import type { WindowSummary } from "./window.ts";

/** Whether users are well, and what they feel when they are not. Never why. */
export interface Wellness {
  readonly ok: boolean;
  /** One line for each thing that is out of steady state. */
  readonly felt: readonly string[];
}

export interface OfferedLoad {
  /** Requests a second. */
  readonly now: number;
  readonly baseline: number;
}

const OFFERED_FLOOR = 0.95;

/**
 * Users are well when failures, affected users, p95 and every backend's share are within steady state, nobody waits
 * without an answer, and the offered load is what it was: fewer users are not happier ones.
 */
export function judgeWindow(
  window: WindowSummary,
  {
    steady,
    offered,
    unanswered,
  }: { readonly steady: SteadyState; readonly offered: OfferedLoad; readonly unanswered: number },
): Wellness {
  const felt: string[] = [];
  const requests = window.requests + unanswered;
  const failedRatio = requests === 0 ? 1 : (window.failed + unanswered) / requests;
  if (requests === 0) felt.push("no request of the prober was seen: nothing can be said of users");
  else if (failedRatio > steady.failedRatio)
    felt.push(
      `${percent(failedRatio)} of requests fail (steady state: up to ${percent(steady.failedRatio)})`,
    );
  if (window.affectedRatio > steady.affectedRatio)
    felt.push(
      `${percent(window.affectedRatio)} of users are affected (up to ${percent(steady.affectedRatio)})`,
    );
  for (const [route, limit] of Object.entries(steady.p95Ms)) {
    const p95 = window.routes[route]?.p95Ms;
    if (p95 !== undefined && p95 > limit)
      felt.push(`${route}: p95 is ${Math.round(p95)} ms (up to ${limit} ms)`);
  }
  for (const [route, limit] of Object.entries(steady.maxShare)) {
    const counts = Object.values(window.routes[route]?.answeredBy ?? {});
    const total = counts.reduce((sum, count) => sum + count, 0);
    const largest = total === 0 ? 0 : Math.max(...counts) / total;
    if (largest > limit)
      felt.push(`${route}: one backend gives ${percent(largest)} of the answers (up to ${percent(limit)})`);
  }
  if (offered.now < OFFERED_FLOOR * offered.baseline)
    felt.push(
      `only ${offered.now.toFixed(0)} requests a second are offered, ${offered.baseline.toFixed(0)} are usual: fewer users are not happier ones`,
    );
  return { ok: felt.length === 0, felt };
}

/** 0.304 -> `30.4 %`. */
export const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
