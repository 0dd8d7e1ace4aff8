import { sleep } from "../../runtime/clock.ts";
import type { Fix, PaceName, Scenario } from "../../scenarios/scenario.ts";
import { awaitPage } from "../responders/page.ts";
import { awaitRecovery } from "../responders/recovery.ts";
import { DRILL_TEMPO, type Responder } from "../responders/responder.ts";

/** Knows the cause at a minute after the symptom began, and repairs it then; else does nothing. */
export function answerAtMinute(scenario: Scenario, pace: PaceName, minute: number): Responder {
  const fix = putBack(scenario, pace);
  return async (trainee, options) => {
    const { clock, signal, tempo = DRILL_TEMPO } = options;
    const page = await awaitPage(trainee, options);
    if (!page) return true;
    await sleep(clock, Math.max(0, page.activeAt + minute * tempo.minuteMs - clock.wall()), signal);
    for (const step of fix.steps) await trainee.act(step);
    return awaitRecovery(trainee, options);
  };
}

/** The right fix that brings back the version that was reviewed: by a rollback where one is a right fix. */
function putBack({ paces }: Scenario, pace: PaceName): Fix {
  const { rightFixes } = paces[pace];
  const found =
    rightFixes.find(({ steps }) => steps.some((step) => step.do === "config rollback")) ?? rightFixes[0];
  if (!found) throw new Error("a scenario has a right fix");
  return found;
}
