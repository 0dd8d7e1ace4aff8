import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS } from "./dashboards.ts";
import { dashboardJson } from "./dashboard.ts";

/** `npm run dashboards`: writes the dashboards that Grafana is provisioned with. */
const directory = process.argv[2] ?? "dashboards/grafana/json";
mkdirSync(directory, { recursive: true });
for (const [name, spec] of Object.entries(DASHBOARDS))
  writeFileSync(join(directory, `${name}.json`), dashboardJson(spec));
