import { describe, expect, it } from "vitest";
import { simulatedSavings } from "../../../lab/matrix/simulated-savings.ts";
import { askedForBy, estimatedSavings, savingText } from "../../../lab/matrix/savings.ts";
import { SAVED_SHARES } from "../../../lab/matrix/saved-shares.ts";
import { NO_CHOICE } from "../../../lab/measures/choice.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { deadBackends } from "../../../scenarios/dead-backends/scenario.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";
import { nodePlatform } from "../../../lab/world/simulated/node-platform.ts";

describe("what a report's measures would have saved of a run's loss", () => {
  it.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
    "has a share for each mechanism that the report on %s asks for",
    (id, scenario) => {
      const asked = askedForBy(scenario).filter(({ addsNothing }) => !addsNothing);
      const shares = asked.map(({ name }) => name);
      expect(Object.keys(SAVED_SHARES[id] ?? {}).toSorted()).toEqual(shares.toSorted());
    },
  );

  it("is the share of that loss, and nothing by what was on", () => {
    const savings = estimatedSavings(deadBackends, 500, new Set(["review"]));
    expect(
      savings.map(({ measure, userMinutesPer1000, basis }) => [measure, userMinutesPer1000, basis]),
    ).toEqual([
      ["syntax-check", 0, "on"],
      ["semantic-check", 500, "estimate"],
      ["review", 0, "on"],
      ["audit", 355.5, "estimate"],
    ]);
    expect(savings.map(savingText)[1]).toMatch(/^semantic-check: about 500 user-minutes \(100 %\): refuses/);
    expect(estimatedSavings(deadBackends, 0, new Set()).map(({ ratio }) => ratio)).toEqual([0, 0, 0, 0]);
  });

  it("is what the same run loses less with each, where it can be had again", async () => {
    const task = {
      scenario: unevenWeights.id,
      seed: 1,
      pace: "drill",
      answerer: "ideal",
      choice: NO_CHOICE,
    } as const;
    const savings = await simulatedSavings(unevenWeights, task, 100, nodePlatform("dashboards"));
    expect(savings).toMatchObject([
      { measure: "syntax-check", basis: "on" },
      { measure: "semantic-check", basis: "simulated", userMinutesPer1000: 100, ratio: 1 },
      { measure: "review", basis: "simulated" },
      { measure: "history", basis: "on" },
      { measure: "audit", basis: "simulated" },
    ]);
  });
});
