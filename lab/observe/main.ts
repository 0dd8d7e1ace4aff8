import { aborted, runUnit, type UnitProcess } from "../../runtime/unit-process.ts";
import { evaluatorConfig, type EvaluatorConfig } from "./config.ts";

/** The evaluator as a unit: scrapes, evaluates the alert rules, pages. */
async function main(unit: UnitProcess<EvaluatorConfig>): Promise<void> {
  unit.ready();
  await aborted(unit.lifetime);
}

runUnit((raw) => evaluatorConfig.parse(raw), main);
