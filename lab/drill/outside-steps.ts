import type { Clock } from "../../runtime/clock.ts";
import type { OutsideStep } from "../world/world.ts";
import type { HarmMeter } from "./harm-meter.ts";
import type { ImpactMeter } from "./impact-meter.ts";
import type { Journal } from "./journal.ts";
import type { Recorder } from "./recorder.ts";

/** What is done to the world without the lab's commands while a drill runs: steps like any other. */
export interface OutsideSteps {
  /** When the last one was seen (epoch ms); 0 before the first. */
  readonly lastAt: number;
  /** Records a step that was seen; ignored before the change and after the end. */
  seen(step: OutsideStep): void;
}

export interface OutsideStepsDeps {
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly journal: Pick<Journal, "keepChange">;
  readonly meter: Pick<ImpactMeter, "disturbed">;
  readonly harm: Pick<HarmMeter, "stepped">;
}

export function createOutsideSteps({
  clock,
  recorder,
  journal,
  meter,
  harm,
}: OutsideStepsDeps): OutsideSteps {
  let lastAt = 0;
  return {
    get lastAt() {
      return lastAt;
    },
    seen({ config, ...step }) {
      const { phase } = recorder.state;
      if (phase !== "changed" && phase !== "open") return;
      lastAt = clock.wall();
      meter.disturbed();
      const more = config === undefined ? {} : { config: journal.keepChange(config.before, config.after) };
      recorder.record({ event: "noticed", ...step, ok: true, ms: 0, ...more });
      harm.stepped(lastAt, lastAt);
    },
  };
}
