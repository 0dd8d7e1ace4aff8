import { sleep } from "../../runtime/clock.ts";
import type { JournalLine } from "../../lab/drill/events.ts";
import type { DrillState } from "../../lab/drill/state.ts";
import type { WindowNote } from "../../lab/judge/traffic.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { simulated } from "./simulations.ts";

/** What one world showed of an incident from when its impact had settled to the first act. */
export interface Shown {
  /** By the scenario's expectations, in their order; all of them in their bands, or undefined. */
  readonly inBand: boolean;
  /** The figure that the report states. */
  readonly stated: number;
  /** What users got that failed most often. */
  readonly answer: string | undefined;
  /** Share of all answers by the backend that gave them. */
  readonly shares: Readonly<Record<string, number>>;
  /** Names of the alerts that fired, of those that the scenario names. */
  readonly alerts: readonly string[];
  /** How long it was watched. */
  readonly seconds: number;
}

export interface LivedThrough {
  readonly state: DrillState;
  readonly journal: readonly JournalLine[];
  readonly windows: readonly WindowNote[];
}

/** Of 2,000 requests, three standard deviations of the difference between two shares. */
export const SHARES_DIFFER_BY = 0.05;

export function shownBy(scenario: Scenario, { state, journal, windows }: LivedThrough): Shown {
  const { impact, changedAt, acts, endingAt } = state;
  if (!impact || changedAt === null) throw new Error("the drill has no impact");
  const from = changedAt + scenario.paces.drill.impact.settleMs;
  const to = acts[0]?.begunAt ?? endingAt ?? Infinity;
  const counts: Record<string, number> = {};
  for (const window of windows)
    // A window is cut where the impact begins and ends, a report's time off.
    if ((window.from + window.to) / 2 > from && (window.from + window.to) / 2 < to)
      for (const [backend, count] of Object.entries(window.answeredBy))
        counts[backend] = (counts[backend] ?? 0) + count;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { mustFire, mustNotFire } = scenario.alerts;
  const fired = new Set(
    journal.flatMap((line) =>
      line.event === "alert" && line.to === "firing" && Date.parse(line.at) <= to ? [line.alert] : [],
    ),
  );
  const failures = Object.entries(impact.statuses).filter(([status]) => status !== "200");
  return {
    inBand: impact.inBand,
    stated: impact.figures[0]?.measured ?? Number.NaN,
    answer: failures.sort(([, a], [, b]) => b - a)[0]?.[0],
    shares: Object.fromEntries(Object.entries(counts).map(([backend, count]) => [backend, count / total])),
    alerts: [...mustFire, ...mustNotFire].filter((name) => fired.has(name)),
    seconds: impact.seconds,
  };
}

/** The same incident in virtual time, watched for as long. */
export async function shownInVirtualTime(scenario: Scenario, seconds: number): Promise<Shown> {
  const simulation = await simulated(scenario, {
    async responder(trainee, { clock, signal }) {
      while ((await trainee.status()).drill?.phase !== "open") await sleep(clock, 250, signal);
      const changed = (await trainee.changes()).at(-1);
      const until = Date.parse(changed?.at ?? "") + scenario.paces.drill.impact.settleMs + seconds * 1000;
      await sleep(clock, Math.max(0, until - clock.wall()), signal);
      return false;
    },
  });
  return shownBy(scenario, simulation);
}

/** The largest difference of a backend's share. */
export function shareDifference({ shares: one }: Shown, { shares: other }: Shown): number {
  const backends = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Math.max(0, ...[...backends].map((name) => Math.abs((one[name] ?? 0) - (other[name] ?? 0))));
}
