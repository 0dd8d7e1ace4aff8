import type { Measure, MeasureActions, Ruling } from "../../lab/measures/measure.ts";
import type { MadeChange, ProposedChange } from "../../lab/world/change-gate.ts";

/** A measure with this ruling on every change of the balancer's configuration. */
export const ruling = (
  name: string,
  rule: (change: ProposedChange, actions: MeasureActions) => Ruling,
): Measure => ({
  name,
  begin: (actions) => ({
    before: (change) => (change.kind === "config" ? rule(change, actions) : { ruling: "allow" }),
  }),
});

/** A measure that reverts every change of a team's, so long after it was made. */
export const reverting = (name: string, afterMs: number): Measure => ({
  name,
  begin: ({ clock, act }) => ({
    after({ isAct, entry }: MadeChange) {
      if (isAct || !entry) return;
      clock.after(afterMs, () => void act({ do: "change revert", change: entry.id }, entry));
    },
  }),
});
