import { decisiveAct } from "./decisive-act.ts";
import type { Outcome } from "./result.ts";
import type { DrillState } from "./state.ts";

/** How measures ended the incident of a drill in which users are well now; undefined where they did not end it. */
export function outcomeOf(state: DrillState): Outcome | undefined {
  const { prevented, caught, impactAt } = state;
  if (impactAt === null) {
    const undone = caught.at(-1);
    if (undone) return { outcome: "caught", outcomeBy: undone.by };
    const refused = prevented.at(-1);
    return refused && { outcome: "prevented", outcomeBy: refused.by };
  }
  const restored = decisiveAct(state)?.by;
  return restored !== undefined && caught.some(({ by }) => by === restored)
    ? { outcome: "caught", outcomeBy: restored }
    : undefined;
}
