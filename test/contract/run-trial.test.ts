import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runTrial } from "../../lab/contract/run-trial.ts";
import type { Treatment, TrialReport } from "../../lab/contract/trial.ts";
import { portConflict } from "../../scenarios/port-conflict/scenario.ts";
import type { Fix, PaceSet, Scenario } from "../../scenarios/scenario.ts";

const DASHBOARDS = join(import.meta.dirname, "..", "..", "dashboards");
const { drill } = portConflict.paces;

const tried = (
  treatment: Treatment,
  scenario: Scenario = portConflict,
  twice = false,
): Promise<TrialReport> => runTrial(scenario, { seed: 1, treatment, twice }, { dashboards: DASHBOARDS });
const named = (fixes: readonly Fix[], part: string): Fix => {
  const found = fixes.find(({ name }) => name.includes(part));
  if (!found) throw new Error(`there is no fix with "${part}"`);
  return found;
};
const changed = (more: Partial<PaceSet>): Scenario => ({
  ...portConflict,
  paces: { ...portConflict.paces, drill: { ...drill, ...more } },
});
const rulesOf = ({ failures }: TrialReport): string[] => failures.map(({ rule }) => rule);

const uninstall = named(drill.rightFixes, "uninstall");
const stop = named(drill.mitigations, "stop the other");
const restartOnly = named(drill.wrongFixes, "restart the balancer only");

describe("a trial of the contract", () => {
  it("is kept by a right fix, whose seed gives the same digest twice", async () => {
    const report = await tried({ kind: "right", fix: uninstall }, portConflict, true);
    expect(report.failures).toEqual([]);
    expect(report.secondsToOk).toBeGreaterThan(0);
    expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is broken by a fix that passes and is called wrong", async () => {
    const report = await tried({ kind: "wrong", fix: uninstall });
    expect(report.failures).toMatchObject([{ rule: "refuses" }]);
    expect(report.checks).toContain(true);
  });

  it("is broken by a fix that is refused and called right, and says what users still feel", async () => {
    const report = await tried({ kind: "right", fix: restartOnly });
    expect(rulesOf(report)).toContain("passes");
    expect(report.failures.find(({ rule }) => rule === "passes")?.detail).toMatch(/of requests fail/);
    expect(report.checks).not.toContain(true);
  });

  it("is broken by a mitigation that is called a fix, and by a fix that is called a mitigation", async () => {
    expect(rulesOf(await tried({ kind: "right", fix: stop }))).toEqual(["durable"]);
    expect(rulesOf(await tried({ kind: "mitigation", fix: uninstall }))).toEqual(["durable"]);
  });

  it("is broken by an impact out of its band, an alert that does not fire, and a word that gives it away", async () => {
    const scenario: Scenario = {
      ...changed({
        impact: { ...drill.impact, expectations: [{ figure: "failedRequestRatio", min: 0.3, max: 0.4 }] },
      }),
      alerts: { mustFire: ["QueueFull"], mustNotFire: ["HighFailureRatio"] },
      spoilers: ["Kiosk"],
    };
    const report = await tried({ kind: "untouched" }, scenario);
    expect(rulesOf(report)).toEqual(["impact", "alerts", "no-spoiler"]);
    const [impact, alerts, spoiler] = report.failures;
    expect(impact?.detail).toBe("failedRequestRatio is 1.000, not in 0.3 to 0.4");
    expect(alerts?.detail).toBe("QueueFull did not fire; HighFailureRatio fired");
    expect(spoiler?.detail).toContain('changes says "kiosk"');
  });

  it("ends with the figures when users are never well", async () => {
    const scenario = changed({ steadyState: { ...drill.steadyState, p95Ms: { page: 20, api: 200 } } });
    const { failures } = await tried({ kind: "quiet" }, scenario);
    expect(failures).toMatchObject([{ rule: "steady-state" }]);
    expect(failures[0]?.detail).toMatch(/page: p95 is \d+ ms \(up to 20 ms\)/);
  });

  it("is broken by a change that nobody feels", async () => {
    const { failures } = await tried({ kind: "untouched" }, changed({ change: [] }));
    expect(failures).toMatchObject([{ rule: "impact" }]);
  });
});
