import { describe, expect, it } from "vitest";
import { testScenarios, type ContractDeps } from "../../../lab/contract/contract.ts";
import type { Failure, Trial, TrialReport } from "../../../lab/contract/trial.ts";
import { treatmentName } from "../../../lab/contract/trial.ts";
import { contractText } from "../../../lab/cli/scenario/contract-text.ts";
import { deadBackends } from "../../../scenarios/dead-backends/scenario.ts";
import { portConflict } from "../../../scenarios/port-conflict/scenario.ts";

const LOADED = [portConflict, deadBackends].map((scenario) => ({
  scenario,
  folder: "",
  source: scenario.id,
}));

/** Runs nothing: every trial comes to what the test says of it. */
const reported =
  (failuresOf: (source: string, trial: Trial) => readonly Failure[]): ContractDeps["run"] =>
  async (tasks, onReport) => {
    // In no order, as threads give them.
    for (const task of tasks.toReversed()) {
      const { treatment, seed } = task.trial;
      const report: TrialReport = {
        kind: treatment.kind,
        treatment: treatmentName(treatment),
        seed,
        failures: failuresOf(task.source, task.trial),
        checks: [false],
        impact: [],
        secondsToOk: null,
        digest: "",
        virtualSeconds: 1,
        requests: 1,
      };
      onReport(task, report);
    }
  };

const tested = (failuresOf: (source: string, trial: Trial) => readonly Failure[], only?: string) => {
  const treatments: string[] = [];
  return testScenarios(
    LOADED,
    { seeds: 3, only },
    {
      run: reported(failuresOf),
      onTreatment: ({ scenario, treatment, held, trials }) =>
        treatments.push(`${scenario}: ${treatment}: ${held} of ${trials}`),
    },
  ).then((report) => ({ report, treatments }));
};

describe("the contract test", () => {
  it("tries every fix, no fix and no fault on every seed", async () => {
    const { report, treatments } = await tested(() => []);
    const { rightFixes, mitigations, wrongFixes } = portConflict.paces.drill;
    const [first] = report.scenarios;
    expect(first?.kinds).toEqual({
      right: { trials: 3 * rightFixes.length, held: 3 * rightFixes.length },
      mitigation: { trials: 3 * mitigations.length, held: 3 * mitigations.length },
      wrong: { trials: 3 * wrongFixes.length, held: 3 * wrongFixes.length },
      untouched: { trials: 3, held: 3 },
      quiet: { trials: 3, held: 3 },
    });
    expect(report).toMatchObject({ passed: true, failedTrials: 0 });
    expect(treatments).toContain("port-conflict: restart backends: 3 of 3");
    expect(new Set(treatments).size).toBe(treatments.length);
  });

  it("counts a wrong fix that passes as a false pass, a right one that is refused as a false refusal", async () => {
    const { report } = await tested((source, { treatment: { kind }, seed }) => {
      if (source !== "dead-backends" || seed !== 2) return [];
      if (kind === "wrong") return [{ rule: "refuses", detail: "OK" }];
      return kind === "right" ? [{ rule: "passes", detail: "p95" }] : [];
    });
    const { wrongFixes, rightFixes, mitigations } = deadBackends.paces.drill;
    const [port, dead] = report.scenarios;
    expect(port).toMatchObject({ passed: true, falsePasses: { errors: 0 }, falseRefusals: { errors: 0 } });
    expect(dead).toMatchObject({
      passed: false,
      falsePasses: { errors: wrongFixes.length, trials: 3 * (wrongFixes.length + 1) },
      falseRefusals: { errors: rightFixes.length, trials: 3 * (rightFixes.length + mitigations.length + 1) },
    });
    expect(report.check.falsePasses.errors).toBe(wrongFixes.length);
    expect(report.passed).toBe(false);
    expect(dead?.failures[0]?.replay).toBe(
      `npx lblab scenario test dead-backends --seed 2 --only "${rightFixes[0]?.name}"`,
    );
    const text = contractText(report);
    expect(text).toContain(`${report.trials - report.failedTrials} passed, ${report.failedTrials} failed`);
    expect(text).toContain("FAILED dead-backends: wrong: restart the balancer, seed 2");
  });

  it("does not count a failure of another kind as the check's", async () => {
    const { report } = await tested(() => [{ rule: "reset", detail: "a unit is left" }]);
    expect(report.failedTrials).toBe(report.trials);
    expect(report.check).toMatchObject({ falsePasses: { errors: 0 }, falseRefusals: { errors: 0 } });
  });

  it("refuses a world that does not come to steady state, with the figures, before it tries anything else", async () => {
    const run: string[] = [];
    await expect(
      tested((source, { treatment: { kind } }) => {
        run.push(kind);
        return source === "port-conflict" ? [{ rule: "steady-state", detail: "p95 is 300 ms" }] : [];
      }),
    ).rejects.toMatchObject({ code: "DRILL_REFUSED", message: "port-conflict: p95 is 300 ms" });
    expect(run).toEqual(["quiet", "quiet"]);
  });

  it("tries one treatment only when it is named, and suggests one for a wrong name", async () => {
    const { report } = await tested(() => [], "untouched");
    expect(report.trials).toBe(6);
    await expect(tested(() => [], "untuched")).rejects.toMatchObject({
      code: "NOT_FOUND",
      hint: 'did you mean "untouched"?',
    });
  });
});
