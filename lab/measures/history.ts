import type { PlaybookStep } from "../../scenarios/playbook.ts";
import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import { defineMeasure } from "./kind.ts";
import { ALLOW } from "./rulings.ts";

/** What it takes a team longer to write a configuration by hand than to go back to one: ours. */
const HAND_WRITTEN_MINUTES = 10;

export const history = defineMeasure({
  name: "history",
  does: "keeps every version of the configuration with author, reason and what differs, and goes back to one in a step",
  askedFor: ["001"],
  hooks: "every configuration that is taken; config rollback",
  trap: "it does not say which version was good",
  parameters: {},
  without: () => ({
    prepare: writtenByHand,
    measure: {
      name: "no-history",
      begin: () => ({
        before: ({ isAct, summary }) =>
          isAct && summary.startsWith("config rollback")
            ? { ruling: "refuse", message: "no earlier version is kept" }
            : ALLOW,
      }),
    },
  }),
});

/** A team without history writes the repair by hand, and takes longer. */
function writtenByHand(scenario: Scenario, pace: PaceName): Scenario {
  const byHand = scenario.paces[pace].rightFixes.find(({ steps }) =>
    steps.every((step) => step.do === "config apply"),
  );
  if (!byHand) return scenario;
  const playbook = scenario.report.playbook.map((step): PlaybookStep => {
    if (step.does?.some((one) => one.do === "config rollback") !== true) return step;
    const { does: _rollback, ...rest } = step;
    return { ...rest, minute: step.minute + HAND_WRITTEN_MINUTES, ours: true, fix: byHand.name };
  });
  return { ...scenario, report: { ...scenario.report, playbook } };
}
