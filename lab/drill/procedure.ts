import type { Scenario, Undo } from "../../scenarios/scenario.ts";
import { runCheck } from "./check.ts";
import type { Journal } from "./journal.ts";
import { awaitImpact, makeChange, openSteady, type Opened, type OpeningDeps } from "./opening.ts";
import { recovers } from "./phases.ts";
import { resultOf } from "./result-of.ts";
import type { Result } from "./result.ts";
import { weighed } from "./wrong-actions.ts";

/** What a drill does to a running world by itself, before the trainee's part and after it. */
export interface Procedure {
  /**
   * From the world's start to the impact. What was done is undone by `undos`, also when this rejects; `onChange` is
   * called just before the change is made, from when on steps count.
   */
  open(signal: AbortSignal, undos: Undo[], onChange: () => void): Promise<Opened>;
  /** The last check, and the restart that shows whether the repair lasts: false when users were well before it only. */
  lasts(signal: AbortSignal): Promise<boolean>;
  /** The figures, and the result. */
  close(opened: Opened): Promise<Result>;
  /** True from the restart of all units on. */
  readonly rebooting: boolean;
}

export interface ProcedureDeps extends OpeningDeps {
  readonly scenario: Scenario;
  readonly seed: number;
  /** With false the change is left out. */
  readonly fault: boolean;
  readonly journal: Pick<Journal, "lines">;
}

export function createProcedure(deps: ProcedureDeps): Procedure {
  const { scenario, pace, seed, world, recorder, watch, meter, harm, journal, parts } = deps;
  const { record } = recorder;
  const { clock } = world;
  let rebooting = false;
  let faulty: ReadonlySet<string> = new Set();

  return {
    get rebooting() {
      return rebooting;
    },
    async open(signal, undos, onChange) {
      const steady = await openSteady(deps, signal, undos);
      if (!deps.fault) return { steady };
      onChange();
      const changed = await makeChange(deps, undos);
      ({ faulty } = changed);
      return awaitImpact(deps, steady, changed.at, signal);
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
