import type { SteadyState } from "../../scenarios/scenario.ts";
import { shortOf, type ExpectedLoad, type OfferedLoad, type Source } from "./offered.ts";
import type { Fates } from "./streaks.ts";
import type { WindowSummary } from "./window.ts";

/** Whether users are well, and what they feel when they are not. Never why. */
export interface Wellness {
  readonly ok: boolean;
  /** One line for each thing that is out of steady state. */
  readonly felt: readonly string[];
}

/** A verdict that may still have to wait for some user's next request. */
export interface Verdict extends Wellness {
  /** True when only a few more requests are missing to decide whether users are well. */
  readonly undecided: boolean;
}

export interface WindowEvidence {
  readonly steady: SteadyState;
  readonly offered: OfferedLoad;
  readonly expected: readonly ExpectedLoad[];
  /** Requests that have waited for so long that they count as failed. */
  readonly unanswered: number;
  /** Users by their outcomes since the last action: only called where all else is within steady state. */
  readonly fates: () => Fates;
  /** Whether users come so often that each of them can be decided soon. */
  readonly decidable: boolean;
  /** Requests, sent since the last action, that have waited longer than any request may and still wait. */
  readonly overdue: number;
}

/** Failures of a whole route that chance does not explain. */
const WHOLE_ROUTE = 3;

/**
 * Users are well when failures, affected users and p95 are within steady state, no route and no user has nothing but
 * failures, nobody waits without an answer, and the offered load is what the workload offers: fewer users are not happier
 * ones. How much each backend does is not judged: users do not feel it.
 */
export function judgeWindow(window: WindowSummary, evidence: WindowEvidence): Verdict {
  const felt = [...failuresIn(window, evidence), ...missingFrom(window, evidence)];
  if (felt.length > 0) return { ok: false, felt, undecided: false };
  const { hurt, undecided, routes } = evidence.fates();
  const where = routes.join(", ");
  if (hurt > 0)
    return { ok: false, felt: [`${where}: ${usersOf(hurt)} nothing but failures`], undecided: false };
  if (!evidence.decidable) return { ok: true, felt, undecided: false };
  if (undecided > 0)
    felt.push(
      `${where}: ${usersOf(undecided)} had no success since the last action, in too few requests to decide`,
    );
  if (evidence.overdue > 0) felt.push(`${evidence.overdue} requests have no answer yet`);
  return { ok: felt.length === 0, felt, undecided: felt.length > 0 };
}

function failuresIn(window: WindowSummary, { steady, unanswered }: WindowEvidence): string[] {
  const felt: string[] = [];
  const requests = window.requests + unanswered;
  const failedRatio = requests === 0 ? 1 : (window.failed + unanswered) / requests;
  if (requests === 0) felt.push("no request of the prober was seen: nothing can be said of users");
  else if (failedRatio > steady.failedRatio)
    felt.push(
      `${percent(failedRatio)} of requests fail (steady state: up to ${percent(steady.failedRatio)})`,
    );
  const { unproved = 0 } = window.statuses;
  // No share is allowed: one imitated answer proves an imitation, however rare.
  if (unproved > 0)
    felt.push(`answers that no backend of this lab gave, or not through its balancer: ${unproved}`);
  if (window.affectedRatio > steady.affectedRatio)
    felt.push(
      `${percent(window.affectedRatio)} of users are affected (up to ${percent(steady.affectedRatio)})`,
    );
  for (const [name, route] of Object.entries(window.routes))
    if (route.failed === route.requests && route.failed >= WHOLE_ROUTE)
      felt.push(`${name}: every request fails`);
  for (const [route, limit] of Object.entries(steady.p95Ms)) {
    const p95 = window.routes[route]?.p95Ms;
    if (p95 !== undefined && p95 > limit)
      felt.push(`${route}: p95 is ${Math.round(p95)} ms (up to ${limit} ms)`);
  }
  return felt;
}

const NAMES: Readonly<Record<Source, string>> = {
  users: "users",
  load: "the load",
  api: "the dependent API",
};

const missingFrom = ({ from, to }: WindowSummary, { offered, expected }: WindowEvidence): string[] =>
  shortOf(offered, expected, to - from).map(
    ({ source, perSecond }) =>
      `only ${offered[source].toFixed(0)} requests a second are offered by ${NAMES[source]}, ${perSecond.toFixed(0)} are usual: fewer users are not happier ones`,
  );

const usersOf = (count: number): string => (count === 1 ? "1 user has" : `${count} users have`);

/** 0.304 -> `30.4 %`. */
export const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
