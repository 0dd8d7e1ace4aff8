import { playbookAt } from "../../scenarios/playbook.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { createReport } from "../responders/report.ts";
import { simulateDrill, type Simulation, type SimulationOptions } from "../simulate/simulate-drill.ts";
import { judgeClaims, type JudgedClaim } from "./judge-claims.ts";
import type { ClaimOverSeeds } from "./over-seeds.ts";

/** One scenario beside its report. Part of the JSON contract of `fidelity --json`. */
export interface ScenarioFidelity {
  readonly id: string;
  readonly claims: readonly (JudgedClaim | ClaimOverSeeds)[];
  /** Every sentence of the report that has a figure or an order, and how it is covered. */
  readonly statements: Scenario["report"]["statements"];
  readonly contradictions: Scenario["report"]["contradictions"];
  /** Share of the emergent claims that hold, without those that the report itself contradicts and those that are ours. */
  readonly score: number;
}

/** Simulates a scenario at its report's own pace, with the report's own team, and judges every claim. */
export async function fidelityOf(
  scenario: Scenario,
  options: Pick<SimulationOptions, "seed" | "platform"> & Partial<Pick<SimulationOptions, "signal" | "time">>,
): Promise<ScenarioFidelity & { readonly simulation: Simulation }> {
  const simulation = await simulateDrill(scenario, {
    ...options,
    pace: "report",
    responder: createReport(playbookAt(scenario, "report")),
  });
  const claims = judgeClaims(scenario, simulation);
  return {
    id: scenario.id,
    claims,
    contradictions: scenario.report.contradictions,
    statements: scenario.report.statements,
    score: scoreOf(claims),
    simulation,
  };
}

export function scoreOf(claims: readonly JudgedClaim[]): number {
  const scored = claims.filter(
    ({ kind, contradicted, ours }) => kind === "emergent" && contradicted === undefined && !ours,
  );
  const held = scored.filter(({ ok }) => ok).length;
  return scored.length === 0 ? 0 : Math.round((held / scored.length) * 1000) / 1000;
}

/** Whether every claim of the report holds, emergent or scripted, or is declared to be contradicted. */
export const holds = ({ claims }: Pick<ScenarioFidelity, "claims">): boolean =>
  claims.every(({ ok, contradicted, ours }) => ok || contradicted !== undefined || ours === true);
