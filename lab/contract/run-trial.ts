import { CodedError } from "../../runtime/errors.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { simulateDrill, type Simulation } from "../simulate/simulate-drill.ts";
import { judgeTrial } from "./judge-trial.ts";
import { applyTreatment, type TrialRecord } from "./apply-treatment.ts";
import { treatmentName, type Trial, type TrialReport } from "./trial.ts";
import { nodePlatform } from "../world/simulated/node-platform.ts";

export interface TrialDeps {
  /** Directory with the alert rules and the pager's configuration. */
  readonly dashboards: string;
}

/** One drill of the contract, in virtual time, and what it contradicts. Rejects for a bug only. */
export async function runTrial(
  scenario: Scenario,
  trial: Trial,
  { dashboards }: TrialDeps,
): Promise<TrialReport> {
  const { treatment, seed } = trial;
  const pace = scenario.paces.drill;
  const once = async (): Promise<{ readonly simulation: Simulation; readonly record: TrialRecord }> => {
    const record: TrialRecord = {
      treatedAt: 0,
      refusedSteps: [],
      passedAt: null,
      relapses: [],
      felt: [],
      seen: [],
    };
    let bug: unknown;
    const simulation = await simulateDrill(scenario, {
      seed,
      platform: nodePlatform(dashboards),
      fault: treatment.kind !== "quiet",
      async responder(trainee, options) {
        await applyTreatment(trainee, options, { pace, treatment }, record).catch((error: unknown) => {
          // When the drill is over, its own result says what came of it.
          if (!options.signal.aborted) bug = error;
          throw error;
        });
        return record.passedAt !== null;
      },
    });
    if (bug !== undefined) throw new Error("a trial's treatment failed", { cause: bug });
    return { simulation, record };
  };
  const about = { kind: treatment.kind, treatment: treatmentName(treatment), seed };
  try {
    const { simulation, record } = await once();
    const failures = [...judgeTrial(scenario, trial, simulation, record)];
    if (trial.twice) {
      const { digest } = (await once()).simulation;
      if (digest !== simulation.digest)
        failures.push({ rule: "same-digest", detail: `${simulation.digest} and ${digest}` });
    }
    return {
      ...about,
      failures,
      checks: simulation.state.checks.map(({ ok }) => ok),
      secondsToOk: record.passedAt === null ? null : (record.passedAt - record.treatedAt) / 1000,
      impact: treatment.kind === "untouched" ? measuredIn(simulation) : [],
      digest: simulation.digest,
      virtualSeconds: simulation.virtualSeconds,
      requests: simulation.requests,
    };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const rule = error.code === "DRILL_VOID" ? "impact" : "steady-state";
    return {
      ...about,
      failures: [{ rule, detail: error.message }],
      checks: [],
      secondsToOk: null,
      impact: [],
      digest: "",
      virtualSeconds: 0,
      requests: 0,
    };
  }
}

const measuredIn = ({ state }: Simulation): TrialReport["impact"] =>
  (state.impact?.figures ?? []).map(({ expectation, measured }) => ({
    figure: [
      expectation.figure,
      ...("route" in expectation ? [expectation.route] : []),
      ...("answer" in expectation ? [expectation.answer] : []),
    ].join(" "),
    measured: measured ?? null,
    band: `${expectation.min ?? 0} to ${expectation.max ?? "any"}`,
  }));
