import { describeAction, type Action } from "../../scenarios/action.ts";
import { isDriller, type Actor } from "../trainee/actor.ts";
import { kindOf } from "./act-change.ts";
import type { ChangeLog } from "./change-log.ts";
import type { ActionResult } from "./action-result.ts";

type Act = (step: Action, by: Actor) => Promise<ActionResult>;

export interface NotedActsDeps {
  readonly changes: ChangeLog;
  /** The balancer's file as it is now; undefined where it cannot be read. */
  readonly configText: () => string | undefined;
  readonly apply: (yaml: string, author: string, reason: string) => Promise<ActionResult>;
}

/**
 * Writes the acts of a measure or the instructor to the change log: trainees know their own acts, and look there for what
 * others did.
 */
export function notedActs(act: Act, { changes, configText, apply }: NotedActsDeps): Act {
  return async (step, by) => {
    if (isDriller(by)) return act(step, by);
    const before = configText();
    const result = await act(step, by);
    if (!result.ok) return result;
    const about = { by, summary: describeAction(step), ...kindOf(step, changes.entries) };
    const undoTo = about.kind === "config" && configText() !== before ? before : undefined;
    changes.add({ ...about, detail: result.message }, async () =>
      undoTo !== undefined
        ? apply(undoTo, by, `${about.summary} is taken back`)
        : { ok: false, message: `${about.summary} cannot be taken back from here: do the opposite` },
    );
    return result;
  };
}
