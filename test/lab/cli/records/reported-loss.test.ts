import { expect, test } from "vitest";
import { reportedLoss } from "../../../../lab/cli/records/reported-loss.ts";
import { SCENARIOS } from "../../../../scenarios/index.ts";

test.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
  "%s: the report's loss is shown on the scale of the run beside it",
  (_id, scenario) => {
    const { userMinutesLostPer1000: lost } = scenario.report;
    const whole = lost.toLocaleString("en");
    expect(reportedLoss(scenario, "report")).toBe(whole);
    expect(reportedLoss(scenario, "drill")).toBe(
      `${Math.round(lost / 60).toLocaleString("en")} (${whole}, a minute as 1 s)`,
    );
  },
);
