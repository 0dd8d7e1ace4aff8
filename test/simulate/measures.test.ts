import { describe, expect, it } from "vitest";
import { applyTreatment, type TrialRecord } from "../../lab/contract/apply-treatment.ts";
import type { Treatment } from "../../lab/contract/trial.ts";
import { chosenMeasures } from "../../lab/measures/choice.ts";
import { MEASURES } from "../../lab/measures/index.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { lblab } from "../support/command.ts";
import { simulated } from "../support/simulations.ts";

const SEEDS = [1, 2];
const NAMES = MEASURES.filter(({ addsNothing }) => !addsNothing).map(({ name }) => name);

/** What becomes of a fix while a measure is on. */
async function treated(scenario: Scenario, seed: number, measure: string, treatment: Treatment) {
  const pace = scenario.paces.drill;
  const record: TrialRecord = {
    treatedAt: 0,
    refusedSteps: [],
    passedAt: null,
    relapses: [],
    felt: [],
    seen: [],
  };
  const { result } = await simulated(scenario, {
    seed,
    choice: chosenMeasures([measure], [], []),
    async responder(trainee, options) {
      await applyTreatment(trainee, options, { pace, treatment }, record);
      return record.passedAt !== null;
    },
  });
  return { result, record, byMeasure: result.outcome !== undefined || result.restoredBy !== undefined };
}

/** A sample: each measure meets one incident a seed, and over all measures every incident is met. */
const SAMPLE = NAMES.flatMap((name, i) =>
  SEEDS.flatMap((seed) => {
    const scenario = SCENARIOS[(i + seed) % SCENARIOS.length];
    return scenario ? [[name, scenario.alias, seed, scenario] as const] : [];
  }),
);

describe("a measure that is on", () => {
  it.each(SAMPLE)(
    "%s makes no right fix of %s fail, nor a wrong one pass (seed %i)",
    async (name, _alias, seed, scenario) => {
      const { rightFixes, wrongFixes } = scenario.paces.drill;
      const [right, wrong] = [rightFixes[0], wrongFixes[0]];
      if (!right || !wrong) throw new Error("a scenario has fixes of both kinds");
      const good = await treated(scenario, seed, name, { kind: "right", fix: right });
      expect(good.byMeasure || good.record.refusedSteps.length === 0).toBe(true);
      expect(good.byMeasure || (good.record.passedAt !== null && good.result.durable)).toBe(true);
      const bad = await treated(scenario, seed, name, { kind: "wrong", fix: wrong });
      expect(bad.byMeasure || bad.record.passedAt === null).toBe(true);
    },
  );
});

describe("lblab measures", () => {
  it("comes to the same with one thread and with two", async () => {
    const run = (threads: string) =>
      lblab(
        "measures",
        "--pace",
        "drill",
        "--scenario",
        "overture",
        "--seeds",
        "2",
        "--short",
        "--no-quiet-day",
        "--with",
        "right-environment,auto-rollback",
        "--each",
        "--threads",
        threads,
        "--json",
      );
    const one = await run("1");
    expect(one.code).toBe(0);
    expect(JSON.parse(one.out)).toMatchObject({ schemaVersion: 1, seeds: [1, 2], pace: "drill" });
    expect((await run("2")).out).toBe(one.out);
  });

  it("names the nearest measure, and refuses what does not go together", async () => {
    const wrong = await lblab("measures", "--with", "canray");
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("did you mean canary?") as unknown });
    const apart = await lblab("simulate", "lantern", "--with", "auto-rollback", "--without", "history");
    expect(apart).toMatchObject({ code: 2, err: expect.stringContaining("needs history") as unknown });
  });
});
