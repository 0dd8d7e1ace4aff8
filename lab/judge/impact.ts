import type { Expectation } from "../../scenarios/scenario.ts";
import { affectedUsers } from "../probe/affected.ts";
import { NOBODY, type ProbeRecord } from "../probe/record.ts";
import { failedIn, summarise, type WindowSummary } from "./window.ts";

export const WINDOW_MS = 10_000;

/** Everything measured between the settled impact and the first repair. */
export interface ImpactEvidence {
  readonly from: number;
  readonly to: number;
  readonly records: readonly ProbeRecord[];
  readonly users: number;
  readonly steady: WindowSummary;
  /** Automatic restarts of each unit in that time. */
  readonly restarts: Readonly<Record<string, number>>;
}

export interface Figure {
  readonly expectation: Expectation;
  /** Undefined when there was nothing to measure it on: never in band. */
  readonly measured: number | undefined;
  readonly inBand: boolean;
}

export interface MeasuredImpact {
  readonly failedRequestRatio: number;
  /** Mean over the 10 s windows. */
  readonly affectedUserRatio: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly figures: readonly Figure[];
  readonly inBand: boolean;
}

export function measureImpact(
  evidence: ImpactEvidence,
  expectations: readonly Expectation[],
): MeasuredImpact {
  const whole = summarise(evidence.records, evidence);
  const figures = expectations.map((expectation): Figure => {
    const measured = measure(expectation, evidence, whole);
    const inBand =
      measured !== undefined &&
      measured >= (expectation.min ?? -Infinity) &&
      measured <= (expectation.max ?? Infinity);
    return { expectation, measured, inBand };
  });
  return {
    failedRequestRatio: whole.failedRatio,
    affectedUserRatio: meanAffected(evidence),
    statuses: whole.statuses,
    seconds: (evidence.to - evidence.from) / 1000,
    figures,
    inBand: figures.every((figure) => figure.inBand),
  };
}

function measure(
  expectation: Expectation,
  evidence: ImpactEvidence,
  whole: WindowSummary,
): number | undefined {
  switch (expectation.figure) {
    case "failedRequestRatio":
      return whole.requests === 0 ? undefined : whole.failedRatio;
    case "affectedUserRatio":
      return whole.requests === 0 ? undefined : meanAffected(evidence);
    case "routeFailedRatio": {
      const route = whole.routes[expectation.route];
      return route && route.failed / route.requests;
    }
    case "answerShare": {
      const route = whole.routes[expectation.route];
      return route && ratio(route.failures[expectation.answer] ?? 0, route.failed);
    }
    case "p95Factor": {
      const before = evidence.steady.routes[expectation.route]?.p95Ms;
      const now = whole.routes[expectation.route]?.p95Ms;
      return before === undefined || now === undefined ? undefined : now / before;
    }
    case "worstBackendFailureShare":
      return worstBackendShare(evidence.records.filter(failedIn));
    case "affectedUsersFailedRatio":
      return failedRatioOf(evidence, true);
    case "otherUsersFailedRatio":
      return failedRatioOf(evidence, false);
    case "restartsPerMinute":
      return ratio(Math.max(0, ...Object.values(evidence.restarts)) * 60_000, evidence.to - evidence.from);
  }
}

const ratio = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

/** Mean of the affected users over whole 10 s windows; over what there is when the impact was shorter. */
function meanAffected({ from, to, records, users }: ImpactEvidence): number {
  const windows = Math.max(1, Math.floor((to - from) / WINDOW_MS));
  let sum = 0;
  for (let i = 0; i < windows; i++) {
    const start = from + i * WINDOW_MS;
    const end = Math.min(to, start + WINDOW_MS);
    const inside = records.filter(({ sentAt }) => sentAt >= start && sentAt < end);
    sum += affectedUsers(inside, start, end).size / users;
  }
  return sum / windows;
}

function worstBackendShare(failures: readonly ProbeRecord[]): number | undefined {
  const byBackend = new Map<string, number>();
  for (const { backend } of failures)
    if (backend !== undefined) byBackend.set(backend, (byBackend.get(backend) ?? 0) + 1);
  return ratio(Math.max(0, ...byBackend.values()), failures.length);
}

/** Of the users that fail more than half of the time, or of the others: the share of their requests that fail. */
function failedRatioOf({ records, from, to }: ImpactEvidence, affected: boolean): number | undefined {
  const who = affectedUsers(records, from, to);
  const theirs = records.filter(({ user }) => user !== NOBODY && who.has(user) === affected);
  return ratio(theirs.filter(failedIn).length, theirs.length);
}
