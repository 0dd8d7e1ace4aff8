import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS } from "./dashboards.ts";
import { dashboardJson } from "./dashboard.ts";

/** `npm run dashboards`: writes Grafana's provisioned dashboards for each setting. */
const directory = process.argv[2] ?? "dashboards/grafana/json";
for (const setting of ["lab", "plain"] as const) {
  mkdirSync(join(directory, setting), { recursive: true });
  for (const [name, spec] of Object.entries(DASHBOARDS))
    writeFileSync(join(directory, setting, `${name}.json`), dashboardJson(spec, setting));
}
