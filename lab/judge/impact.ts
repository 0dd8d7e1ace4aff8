import type { Expectation } from "../../scenarios/scenario.ts";
import { WINDOW_MS, type SettledWindow } from "../probe/windows.ts";
import { createPeopleTally, type Parted } from "./people.ts";
import { createSummary, type WindowSummary } from "./window.ts";

export { WINDOW_MS };

/** Everything measured between the impact's settling and the first repair. */
export interface ImpactEvidence {
  readonly from: number;
  readonly to: number;
  /** Its affected users are the mean over the 10 s windows. */
  readonly whole: WindowSummary;
  readonly people: Parted;
  readonly steady: WindowSummary;
  /** Automatic restarts of each unit in that time. */
  readonly restarts: Readonly<Record<string, number>>;
}

/** Gathers an impact window by window, however long it lasts, in memory that does not grow with it. */
export interface ImpactTally {
  add(window: SettledWindow): void;
  readonly people: Parted;
  summed(from: number, to: number): WindowSummary;
}

export function createImpactTally({ users }: { readonly users: number }): ImpactTally {
  const summary = createSummary();
  const people = createPeopleTally(users);
  const whole = { ms: 0, affected: 0 };
  const pieces = { ms: 0, affected: 0 };
  return {
    add({ from, to, records, affectedRatio }) {
      summary.add(records);
      people.add(records);
      const sum = to - from === WINDOW_MS ? whole : pieces;
      sum.ms += to - from;
      sum.affected += affectedRatio * (to - from);
    },
    get people() {
      return people.parted();
    },
    summed(from, to) {
      // Part of a window shows less of its users: it counts only where there is no whole one.
      const { ms, affected } = whole.ms > 0 ? whole : pieces;
      return summary.summed({ from, to, affectedRatio: ms === 0 ? 0 : affected / ms });
    },
  };
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
  const { whole } = evidence;
  const figures = expectations.map((expectation): Figure => {
    const measured = measure(expectation, evidence);
    const inBand =
      measured !== undefined &&
      measured >= (expectation.min ?? -Infinity) &&
      measured <= (expectation.max ?? Infinity);
    return { expectation, measured, inBand };
  });
  return {
    failedRequestRatio: whole.failedRatio,
    affectedUserRatio: whole.affectedRatio,
    statuses: whole.statuses,
    seconds: (evidence.to - evidence.from) / 1000,
    figures,
    inBand: figures.every((figure) => figure.inBand),
  };
}

function measure(
  expectation: Expectation,
  { whole, people, steady, restarts, from, to }: ImpactEvidence,
): number | undefined {
  switch (expectation.figure) {
    case "failedRequestRatio":
      return whole.requests === 0 ? undefined : whole.failedRatio;
    case "affectedUserRatio":
      return whole.requests === 0 ? undefined : whole.affectedRatio;
    case "routeFailedRatio": {
      const route = whole.routes[expectation.route];
      return route && route.failed / route.requests;
    }
    case "answerShare": {
      const route = whole.routes[expectation.route];
      return route && ratio(route.failures[expectation.answer] ?? 0, route.failed);
    }
    case "p95Factor": {
      const before = steady.routes[expectation.route]?.p95Ms;
      const now = whole.routes[expectation.route]?.p95Ms;
      return before === undefined || now === undefined ? undefined : now / before;
    }
    case "busiestBackendShare": {
      const answers = Object.values(whole.routes[expectation.route]?.answeredBy ?? {});
      return ratio(
        Math.max(0, ...answers),
        answers.reduce((sum, count) => sum + count, 0),
      );
    }
    case "worstBackendFailureShare":
      return worstBackendShare(whole);
    case "affectedUsersFailedRatio":
      return people.affectedFailedRatio;
    case "otherUsersFailedRatio":
      return people.othersFailedRatio;
    case "restartsPerMinute":
      return ratio(Math.max(0, ...Object.values(restarts)) * 60_000, to - from);
  }
}

const ratio = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

function worstBackendShare({ routes, failed }: WindowSummary): number | undefined {
  const byBackend = new Map<string, number>();
  for (const { failedBy } of Object.values(routes))
    for (const [backend, count] of Object.entries(failedBy))
      byBackend.set(backend, (byBackend.get(backend) ?? 0) + count);
  return ratio(Math.max(0, ...byBackend.values()), failed);
}
