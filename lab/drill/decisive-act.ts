import type { Acted, DrillState } from "./state.ts";

/** A window may begin this much before the repair and still be within steady state: a few failures are allowed in it. */
const BLURRED_MS = 1000;

/**
 * The step after which users were well, by any actor. Where a measure has left nothing of the change, it is the measure's,
 * whatever somebody did until users felt it; else the last one that was begun before they were well.
 */
export function decisiveAct(state: DrillState): Acted | undefined {
  const { acts, wellSince } = state;
  if (wellSince === null) return undefined;
  const isBefore = ({ begunAt, ok }: Acted): boolean => ok && begunAt <= wellSince + BLURRED_MS;
  const undoing = undoingAct(state);
  return undoing && isBefore(undoing) ? undoing : acts.findLast(isBefore);
}

/** The act with which a measure had undone all of the change. */
function undoingAct({ acts, caught }: DrillState): Acted | undefined {
  const whole = caught.find(({ nothingLeft }) => nothingLeft);
  return whole && acts.findLast(({ at, by, ok }) => ok && by === whole.by && at <= whole.at);
}
