import type { PaceSet, Undo } from "../../scenarios/scenario.ts";
import type { World } from "../world/world.ts";
import type { CheckDeps } from "./check.ts";
import { faultyVersions } from "./faulty-versions.ts";
import type { HarmMeter } from "./harm-meter.ts";
import type { ImpactMeter } from "./impact-meter.ts";
import type { Measures } from "./measures.ts";
import { outcomeOf } from "./outcome.ts";
import { configText } from "./perform.ts";
import { holdSteady, impactShows, type PhaseDeps, type Steady } from "./phases.ts";
import type { Recorder } from "./recorder.ts";
import type { Outcome } from "./result.ts";
import { DrillStopped } from "./stop-cause.ts";
import { VERDICT_MS, type Watch } from "./watch.ts";

/** A drill's state when it is open for the trainee. */
export interface Opened {
  readonly steady: Steady;
  /** Measures left nothing to do: the change was refused or undone, and users do not feel it. */
  readonly outcome?: Outcome["outcome"];
}

export interface OpeningDeps {
  readonly pace: PaceSet;
  readonly world: World;
  readonly recorder: Recorder;
  readonly watch: Watch;
  readonly meter: ImpactMeter;
  readonly harm: HarmMeter;
  readonly measures: Pick<Measures, "guard">;
  readonly parts: PhaseDeps & CheckDeps;
}

/** The prelude, and steady state after it. */
export async function openSteady(
  { pace, world, recorder, parts }: OpeningDeps,
  signal: AbortSignal,
  undos: Undo[],
): Promise<Steady> {
  for (const fault of pace.prelude) undos.push(await fault(world.stage));
  const steady = await holdSteady(parts, signal);
  const p95Ms = Object.entries(steady.window.routes).map(([route, { p95Ms }]) => [
    route,
    Math.round(p95Ms ?? 0),
  ]);
  recorder.record({
    event: "steady",
    requestsPerSecond: Math.round(steady.requestsPerSecond),
    p95Ms: Object.fromEntries(p95Ms) as Record<string, number>,
  });
  return steady;
}

/** A change that was made, as far as measures let it. */
export interface Changed {
  /** Epoch ms. */
  readonly at: number;
  /** See `faultyVersions`. */
  readonly faulty: ReadonlySet<string>;
}

export async function makeChange(
  { pace, world, recorder, watch, meter, harm, measures }: OpeningDeps,
  undos: Undo[],
): Promise<Changed> {
  // The moment counts from before the change: users may feel it while it is still being made.
  recorder.record({ event: "changed" });
  const before = await configText(world);
  const at = world.clock.wall();
  harm.changed();
  watch.countLossFrom(at);
  await measures.guard();
  for (const fault of pace.change) undos.push(await fault(world.stage));
  const faulty = await faultyVersions(world, before);
  meter.begin(pace.impact.settleMs);
  return { at, faulty };
}

/** Waits until users feel the change, or a measure has prevented or undone it. Throws CodedError DRILL_VOID. */
export async function awaitImpact(
  deps: OpeningDeps,
  steady: Steady,
  changedAt: number,
  signal: AbortSignal,
): Promise<Opened> {
  const shown = await impactShows(deps.parts, changedAt, steady.window, signal);
  if (!shown) return { steady, outcome: outcomeWithoutImpact(deps) };
  const { impact, firstFailureAt } = shown;
  deps.recorder.record({
    event: "impact",
    failedRatio: impact.failedRequestRatio,
    affectedRatio: impact.affectedUserRatio,
    firstFailureAt: new Date(firstFailureAt).toISOString(),
  });
  return { steady };
}

function outcomeWithoutImpact({ pace, world, recorder, watch }: OpeningDeps): Outcome["outcome"] {
  const found = outcomeOf(recorder.state);
  if (found && watch.wellness(world.clock.wall() - VERDICT_MS).ok) return found.outcome;
  throw new DrillStopped(
    "DRILL_VOID",
    "no-impact",
    `the change had no visible effect on users within ${pace.timing.impactWithinMs / 1000} s: there is nothing to solve`,
  );
}
