import type { Workload } from "../../scenarios/scenario.ts";
import { PAUSE_VARIATION } from "../probe/schedule.ts";

/** Sources of requests at a rate that the workload fixes. Logins come when sessions end, so no number of them is expected. */
const SOURCES = ["users", "load", "api"] as const;
export type Source = (typeof SOURCES)[number];

/** Requests a second, by source. */
export type OfferedLoad = Readonly<Record<Source, number>>;

/** What one source offers when all is well. */
export interface ExpectedLoad {
  readonly source: Source;
  readonly perSecond: number;
  /** Variance of the number of requests in so many milliseconds, or an upper bound of it. */
  varianceOver(ms: number): number;
}

/** All of a workload's sources, known from its parameters. */
export function expectedLoad({ users, loadRequestsPerSecond, apiPerSecond = 0 }: Workload): ExpectedLoad[] {
  const poisson = (source: Source, perSecond: number): ExpectedLoad => ({
    source,
    perSecond,
    varianceOver: (ms) => (perSecond * ms) / 1000,
  });
  const sources: ExpectedLoad[] = [
    {
      source: "users",
      perSecond: (users.count * 1000) / users.visitEveryMs,
      // A renewal process with pauses of this variation: at most a quarter beside what the pauses add, and never above Poisson's.
      varianceOver(ms) {
        const visits = ms / users.visitEveryMs;
        return users.count * Math.min(visits, 1 / 4 + PAUSE_VARIATION * PAUSE_VARIATION * visits);
      },
    },
    poisson("load", loadRequestsPerSecond),
    poisson("api", apiPerSecond),
  ];
  return sources.filter(({ perSecond }) => perSecond > 0);
}

/** Users offer enough with this share of what they should. */
const FLOOR = 0.95;
/** Standard deviations below the floor at which chance is no explanation any more: one window in a million by a normal tail. */
const BEYOND_CHANCE = 4.75;

/** The sources that offer so much less than they should that chance does not explain it, over a window of so many milliseconds. */
export const shortOf = (
  offered: OfferedLoad,
  expected: readonly ExpectedLoad[],
  ms: number,
): readonly ExpectedLoad[] =>
  expected.filter(({ source, perSecond, varianceOver }) => {
    const allowance = (BEYOND_CHANCE * Math.sqrt(FLOOR * varianceOver(ms)) * 1000) / ms;
    return offered[source] < FLOOR * perSecond - allowance;
  });
