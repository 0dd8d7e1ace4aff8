import { join } from "node:path";
import { table } from "../lab/cli/tables.ts";
import { RESPONDERS, type ResponderName } from "../lab/responders/index.ts";
import { simulateDrill } from "../lab/simulate/simulate-drill.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import { playbookAt } from "../scenarios/playbook.ts";
import { nodePlatform } from "../lab/world/simulated/node-platform.ts";

/**
 * `npm run bench:responders [-- SEED]`: what each responder costs users in each incident, at the pace of a drill, where a
 * minute of the report is a second: user-minutes lost per 1,000 users, and whether users were well at the end.
 */

const [seed = "1"] = process.argv.slice(2);
const names = Object.keys(RESPONDERS) as ResponderName[];
const rows: string[][] = [];
for (const scenario of SCENARIOS) {
  const row = [scenario.alias];
  for (const name of names) {
    const { result } = await simulateDrill(scenario, {
      seed: Number(seed),
      responder: RESPONDERS[name].create(playbookAt(scenario, "drill")),
      platform: nodePlatform(join(import.meta.dirname, "..", "..", "dashboards")),
    });
    row.push(`${Math.round(result.measured.userMinutesLostPer1000)} ${result.check}`);
    console.error(`${scenario.alias} ${name} ${row.at(-1)}`);
  }
  rows.push(row);
}
const solved = names.map((_, i) => rows.filter((row) => row[i + 1]?.endsWith(" OK")).length);
rows.push(["solved", ...solved.map((count) => `${count} of ${SCENARIOS.length}`)]);
console.log(table(["incident", ...names], rows));
