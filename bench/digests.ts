import { join } from "node:path";
import { RESPONDERS } from "../lab/responders/index.ts";
import { simulateDrill } from "../lab/simulate/simulate-drill.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import { playbookAt } from "../scenarios/playbook.ts";
import { PACES, type PaceName } from "../scenarios/scenario.ts";
import { nodePlatform } from "../lab/world/simulated/node-platform.ts";

/**
 * `npm run --silent digests [-- PACE [SEED]]`: the digest of every incident with the report's own team, one a line. The
 * same on every machine and every version of Node that is supported; which version ran goes to standard error.
 */

const [given = "drill", seed = "1"] = process.argv.slice(2);
const pace = PACES.find((one) => one === given);
if (!pace || !/^\d{1,9}$/.test(seed)) {
  console.error(`usage: npm run --silent digests -- [${PACES.join(" or ")}] [seed]`);
  process.exit(2);
}
await digests(pace, Number(seed));

async function digests(which: PaceName, of: number): Promise<void> {
  console.error(`Node ${process.version}`);
  for (const scenario of SCENARIOS) {
    const { digest } = await simulateDrill(scenario, {
      seed: of,
      pace: which,
      responder: RESPONDERS.report.create(playbookAt(scenario, which)),
      platform: nodePlatform(join(import.meta.dirname, "..", "..", "dashboards")),
    });
    console.log(`${scenario.id} ${which} seed ${of} ${digest}`);
  }
}
