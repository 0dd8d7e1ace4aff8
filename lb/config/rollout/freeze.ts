import type { Clock } from "../../../runtime/clock.ts";
import type { ChangeState, Freeze } from "./change-state.ts";

/** The freeze that holds now; undefined when there is none, or its end has come. */
export function freezeNow({ freeze }: ChangeState, clock: Pick<Clock, "wall">): Freeze | undefined {
  if (freeze?.until === undefined) return freeze;
  return clock.wall() < Date.parse(freeze.until) ? freeze : undefined;
}
