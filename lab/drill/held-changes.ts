import type { Clock } from "../../runtime/clock.ts";
import type { GuardAction } from "../../scenarios/action.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ActionResult } from "../world/action-result.ts";
import type { ProposedChange } from "../world/change-gate.ts";

/** A change that a measure holds until a reviewer has answered. */
export interface HeldChange extends Omit<ProposedChange, "by"> {
  /** `held-1`, counted from 1. */
  readonly id: string;
  /** `measure:NAME` */
  readonly by: Actor;
  /** Who made it: a team, or an actor. */
  readonly author: string;
  /** Since when, ISO 8601. */
  readonly since: string;
}

export interface Answered {
  readonly approved: boolean;
  readonly message: string;
}

export interface HeldChanges {
  /** Those that wait, the oldest first. */
  readonly waiting: readonly HeldChange[];
  /** Lets people answer a change in the reviewer's place, until it is released. */
  hold(by: Actor, change: ProposedChange): { readonly answered: Promise<Answered>; release(): void };
  /** An actor's answer. Not for what the actor has made. */
  answer(step: ReviewAction, actor: Actor): ActionResult;
}

export type ReviewAction = Extract<GuardAction, { readonly proposal: string }>;

/** True for an answer to a change that a measure holds, not to a proposal at the balancer. */
export const isHeldAnswer = (step: { readonly do: string }): step is ReviewAction =>
  "proposal" in step && typeof step.proposal === "string" && step.proposal.startsWith("held-");

export function createHeldChanges(clock: Pick<Clock, "wall">): HeldChanges {
  const held = new Map<string, { readonly change: HeldChange; answer(given: Answered): void }>();
  let count = 0;
  return {
    get waiting() {
      return [...held.values()].map(({ change }) => change);
    },
    hold(by, { by: author, ...change }) {
      const id = `held-${++count}`;
      const answered = new Promise<Answered>((answer) => {
        const since = new Date(clock.wall()).toISOString();
        held.set(id, { change: { ...change, id, by, author, since }, answer });
      });
      return { answered, release: () => void held.delete(id) };
    },
    answer({ do: verb, proposal: id, reason }, actor) {
      const found = held.get(id);
      if (!found) {
        const others = held.size === 0 ? "nothing does" : `there is ${[...held.keys()].join(", ")}`;
        return { ok: false, message: `no ${id} waits for a reviewer; ${others}` };
      }
      const { author, summary } = found.change;
      if (author === actor)
        return { ok: false, code: "OWN_APPROVAL", message: `${id} is yours: another one must answer it` };
      const approved = verb === "config approve";
      held.delete(id);
      const verdict = `${approved ? "approves" : "rejects"} it${reason === undefined ? "" : `: ${reason}`}`;
      found.answer({ approved, message: `${actor} ${verdict}` });
      return {
        ok: true,
        message: `${id} (${summary} by ${author}) is ${approved ? "approved" : "rejected"}`,
      };
    },
  };
}
