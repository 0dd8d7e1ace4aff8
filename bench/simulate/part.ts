import { findScenario } from "../../scenarios/index.ts";
import { runBare, type BareRun } from "./bare.ts";
import { runIncident, runStart } from "./incident.ts";

/** One part of `npm run bench:simulate` in a process of its own, `bare`, `incident` or `start`; prints its cost as JSON. */
const [part, argument = "", heap] = process.argv.slice(2);
console.log(JSON.stringify(await measured()));

async function measured(): Promise<unknown> {
  if (part === "bare") return runBare(JSON.parse(argument) as BareRun);
  const scenario = findScenario(argument);
  if (!scenario) throw new Error(`there is no scenario ${argument}`);
  if (part === "start") return runStart(scenario);
  return runIncident(scenario, { heap: heap === "heap" });
}
