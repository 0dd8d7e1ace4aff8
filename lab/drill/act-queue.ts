import type { Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ActionResult } from "../world/action-result.ts";
import type { Step } from "./events.ts";

/** What an action came to, and what of it is only for the record. */
export interface Performed {
  readonly result: ActionResult;
  readonly more?: Pick<Step, "text" | "config">;
}

export interface ActQueueDeps {
  readonly clock: Clock;
  readonly perform: (step: Action, by: Actor) => Promise<Performed>;
  /** Called when an action's turn comes; it is not done when this throws. */
  readonly before: (step: Action, by: Actor) => void;
  /** Called when it is over; what this throws is the action's own error. */
  readonly after: (step: Action, by: Actor, performed: Performed, ms: number) => void;
}

/** Performs all actors' actions one at a time, in the order in which they came, or the record would be ambiguous. */
export interface ActQueue {
  act(step: Action, by: Actor): Promise<ActionResult>;
  /** Resolves when every action that was requested is over. */
  idle(): Promise<void>;
  /** When the last action was over (epoch ms); now, while one is under way. */
  quietSince(): number;
}

export function createActQueue({ clock, perform, before, after }: ActQueueDeps): ActQueue {
  let queue: Promise<unknown> = Promise.resolve();
  let busy = false;
  let lastOver = 0;

  async function turn(step: Action, by: Actor): Promise<ActionResult> {
    before(step, by);
    const begun = clock.wall();
    busy = true;
    const performed = await perform(step, by).catch((error: unknown): Performed => ({
      result: { ok: false, message: messageOf(error) },
    }));
    busy = false;
    lastOver = clock.wall();
    after(step, by, performed, lastOver - begun);
    return performed.result;
  }

  return {
    act(step, by) {
      const done = queue.then(() => turn(step, by));
      queue = done.catch(() => {});
      return done;
    },
    idle: async () => void (await queue),
    quietSince: () => (busy ? clock.wall() : lastOver),
  };
}
