import type { Acted, DrillState } from "./state.ts";

/** A window may begin this much before the repair and still be within steady state: a few failures are allowed in it. */
const BLURRED_MS = 1000;

/** The step after which users were well, by any actor: the last one that was begun before they were. */
export function decisiveAct({ acts, wellSince }: DrillState): Acted | undefined {
  return wellSince === null
    ? undefined
    : acts.findLast(({ begunAt, ok }) => ok && begunAt <= wellSince + BLURRED_MS);
}
