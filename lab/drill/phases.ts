import type { Clock } from "../../runtime/clock.ts";
import type { PaceSet } from "../../scenarios/scenario.ts";
import { measureImpact, WINDOW_MS, type MeasuredImpact } from "../judge/impact.ts";
import { createPeopleTally } from "../judge/people.ts";
import type { Traffic } from "../judge/traffic.ts";
import type { Wellness } from "../judge/well.ts";
import { failedIn, type WindowSummary } from "../judge/window.ts";
import { DrillStopped } from "./stop-cause.ts";
import { VERDICT_MS, type Watch } from "./watch.ts";

const IMPACT_WINDOW_MS = 5000;
const ENOUGH_REQUESTS = 50;

/** What a drill waits for, by users' traffic alone. */
export interface PhaseDeps {
  readonly clock: Clock;
  readonly traffic: Traffic;
  readonly watch: Watch;
  readonly pace: PaceSet;
  /** Names of the pages that ring now. */
  readonly ringing: () => readonly string[];
  /** Programs that are no unit's on the addresses that users and the balancer call, a line each. */
  readonly foreignPrograms: () => Promise<readonly string[]>;
}

export interface Steady {
  readonly window: WindowSummary;
  readonly requestsPerSecond: number;
}

/** Waits until users have been well for 10 s and nobody is paged. Throws CodedError DRILL_REFUSED when that takes too long. */
export async function holdSteady(
  { clock, traffic, watch, pace, ringing }: PhaseDeps,
  signal: AbortSignal,
): Promise<Steady> {
  const begun = clock.wall();
  let last: Wellness | undefined;
  const steady = await watch.until(
    (): Steady | undefined => {
      const now = clock.wall();
      const from = now - WINDOW_MS;
      if (from < begun) return undefined;
      last = watch.wellness(from);
      // A trainee who is paged already would not notice the incident's page.
      const rung = ringing();
      if (rung.length > 0) last = { ok: false, felt: [...last.felt, `the pager rings: ${rung.join(", ")}`] };
      return last.ok
        ? { window: traffic.window(from, now), requestsPerSecond: traffic.offered(from, now) }
        : undefined;
    },
    pace.timing.steadyWithinMs,
    signal,
  );
  if (steady) return steady;
  throw new DrillStopped(
    "DRILL_REFUSED",
    "not-steady",
    `steady state did not hold: ${last?.felt.join("; ") ?? "no users were seen"}`,
    {
      hint: "npx lblab doctor shows what this machine lacks",
    },
  );
}

/** Waits until users feel half of what the report states at least, and returns when the first did (epoch ms); undefined when they never do. */
export async function impactShows(
  { clock, traffic, watch, pace }: PhaseDeps,
  since: number,
  steady: WindowSummary,
  signal: AbortSignal,
): Promise<{ readonly impact: MeasuredImpact; readonly firstFailureAt: number } | undefined> {
  const [stated] = pace.impact.expectations;
  return watch.until(
    () => {
      const to = clock.wall();
      const from = Math.max(to - IMPACT_WINDOW_MS, since);
      const whole = traffic.window(from, to);
      const people = createPeopleTally(pace.workload.users.count);
      people.add(traffic.records(from, to));
      const impact = measureImpact({ from, to, whole, people: people.parted(), steady, restarts: {} }, [
        stated,
      ]);
      if (whole.requests <= ENOUGH_REQUESTS || (impact.figures[0]?.measured ?? 0) < (stated.min ?? 0) / 2)
        return undefined;
      const failed = traffic.records(since, to).filter(failedIn);
      return { impact, firstFailureAt: failed.reduce((first, { sentAt }) => Math.min(first, sentAt), to) };
    },
    pace.timing.impactWithinMs,
    signal,
  );
}

/** Whether users are well again after a restart, all of their requests sent after `from` (epoch ms), within the pace's time for it. */
export async function recovers(
  { clock, watch, pace, foreignPrograms }: PhaseDeps,
  from: number,
  signal: AbortSignal,
): Promise<boolean> {
  const well = await watch.until(
    () => (clock.wall() - VERDICT_MS >= from && watch.wellness(clock.wall() - VERDICT_MS).ok) || undefined,
    pace.restartRecoveryMs ?? pace.recoveryMs,
    signal,
  );
  return well === true && (await foreignPrograms()).length === 0;
}
