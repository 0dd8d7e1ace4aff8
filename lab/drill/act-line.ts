import { describeAction, type Action } from "../../scenarios/action.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ActionResult } from "../world/action-result.ts";
import type { Sight } from "../world/world.ts";
import type { DrillEvent, Step } from "./events.ts";
import { subjectOf } from "./subject.ts";

/** An act as its journal line has it: of what was found in a configuration, the codes. */
export function actLine(
  step: Action,
  by: Actor,
  { ok, message, findings }: ActionResult,
  {
    ms,
    more,
    sight,
  }: { readonly ms: number; readonly more?: Partial<Step> | undefined; readonly sight: Sight },
): DrillEvent {
  return {
    event: "acted",
    action: describeAction(step),
    subject: subjectOf(step, sight),
    ok,
    message,
    ms,
    by,
    ...more,
    ...codesOf(findings),
  };
}

/** What was found in a configuration as a journal's line has it: codes, each once. */
export const codesOf = (findings: ActionResult["findings"]) =>
  findings && { findings: [...new Set(findings.map(({ code }) => code))] };
