import type { PaceSet, Scenario, Undo } from "../../scenarios/scenario.ts";
import type { World } from "../world/world.ts";
import { runCheck, type CheckDeps } from "./check.ts";
import { faultyVersions } from "./faulty-versions.ts";
import type { HarmMeter } from "./harm-meter.ts";
import type { ImpactMeter } from "./impact-meter.ts";
import type { Journal } from "./journal.ts";
import { configText } from "./perform.ts";
import { holdSteady, impactShows, recovers, type PhaseDeps, type Steady } from "./phases.ts";
import type { Measures } from "./measures.ts";
import { outcomeOf } from "./outcome.ts";
import type { Recorder } from "./recorder.ts";
import { resultOf } from "./result-of.ts";
import type { Outcome, Result } from "./result.ts";
import { DrillStopped } from "./stop-cause.ts";
import { VERDICT_MS, type Watch } from "./watch.ts";
import { weighed } from "./wrong-actions.ts";

/** What a drill does to a running world by itself, before anybody is at work and after. */
export interface Course {
  /**
   * From the world's start to the impact. What was done is undone by `undos`, also of a course that failed; `onChanged` is
   * called when the change has been made.
   */
  open(signal: AbortSignal, undos: Undo[], onChanged: () => void): Promise<Opened>;
  /** The last check, and the restart that shows whether the repair lasts: false when users were well before it only. */
  lasts(signal: AbortSignal): Promise<boolean>;
  /** The figures, and the result. */
  close(opened: Opened): Promise<Result>;
  /** It restarts all units. */
  readonly rebooting: boolean;
}

/** What a drill has come to when it is open for whoever drills. */
export interface Opened {
  readonly steady: Steady;
  /** Measures left nothing to do: the change was refused or undone, and users do not feel it. */
  readonly outcome?: Outcome["outcome"];
}

export interface CourseDeps {
  readonly scenario: Scenario;
  readonly pace: PaceSet;
  readonly seed: number;
  /** With false the change is left out. */
  readonly fault: boolean;
  readonly world: World;
  readonly recorder: Recorder;
  readonly watch: Watch;
  readonly meter: ImpactMeter;
  readonly harm: HarmMeter;
  readonly measures: Pick<Measures, "guard">;
  readonly journal: Pick<Journal, "lines">;
  readonly parts: PhaseDeps & CheckDeps;
}

export function createCourse({
  scenario,
  pace,
  seed,
  fault: withFault,
  world,
  recorder,
  watch,
  meter,
  harm,
  measures,
  journal,
  parts,
}: CourseDeps): Course {
  const { record } = recorder;
  const { clock } = world;
  let rebooting = false;
  let faulty: ReadonlySet<string> = new Set();

  /** Users did not feel the change: a measure's doing, or there is nothing to solve. Throws CodedError DRILL_VOID. */
  function outcomeWithoutImpact(): Outcome["outcome"] {
    const found = outcomeOf(recorder.state);
    if (found && watch.wellness(clock.wall() - VERDICT_MS).ok) return found.outcome;
    throw new DrillStopped(
      "DRILL_VOID",
      "no-impact",
      `the change had no visible effect on users within ${pace.timing.impactWithinMs / 1000} s: there is nothing to solve`,
    );
  }

  return {
    get rebooting() {
      return rebooting;
    },
    async open(signal, undos, onChanged) {
      for (const fault of pace.prelude) undos.push(await fault(world.stage));
      const steady = await holdSteady(parts, signal);
      record({
        event: "steady",
        requestsPerSecond: Math.round(steady.requestsPerSecond),
        p95Ms: Object.fromEntries(
          Object.entries(steady.window.routes).map(([route, { p95Ms }]) => [route, Math.round(p95Ms ?? 0)]),
        ),
      });
      if (!withFault) return { steady };
      // The moment counts from before the change: users may feel it while it is still being made.
      record({ event: "changed" });
      const before = await configText(world);
      const changedAt = clock.wall();
      harm.changed();
      watch.countLossFrom(changedAt);
      measures.guard();
      for (const fault of pace.change) undos.push(await fault(world.stage));
      faulty = await faultyVersions(world, before);
      onChanged();
      meter.begin(pace.impact.settleMs);
      const shown = await impactShows(parts, changedAt, steady.window, signal);
      if (!shown) return { steady, outcome: outcomeWithoutImpact() };
      const { impact, firstFailureAt } = shown;
      record({
        event: "impact",
        failedRatio: impact.failedRequestRatio,
        affectedRatio: impact.affectedUserRatio,
        firstFailureAt: new Date(firstFailureAt).toISOString(),
      });
      return { steady };
    },
    async lasts(signal) {
      meter.close();
      rebooting = false;
      const { ok, felt } = await runCheck(parts, signal);
      record({ event: "checked", ok, felt });
      watch.countLossUntil(clock.wall());
      if (!ok || !pace.timing.reboots || recorder.state.changedAt === null) return true;
      rebooting = true;
      const begun = clock.wall();
      await world.reboot(seed);
      const well = await recovers(parts, clock.wall(), signal);
      record({ event: "restarted", well, seconds: Math.round((clock.wall() - begun) / 1000) });
      return well;
    },
    async close({ steady: { window } }) {
      const wrong = weighed(recorder.state, journal.lines, { harms: harm.harms(), faulty });
      record({ event: "assessed", wrong });
      const impact = meter.measured(window, pace.impact.expectations);
      if (impact)
        record({
          event: "measured",
          impact,
          userMinutesLostPer1000: Math.round(watch.lost * 10) / 10,
          settled: meter.settled,
        });
      const result = resultOf(recorder.state, scenario, pace);
      record({ event: "debriefed", result });
      return result;
    },
  };
}
