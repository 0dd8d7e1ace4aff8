import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Topology } from "../../../scenarios/scenario.ts";
import type { PortPlan } from "../ports.ts";
import type { UnitDefinition } from "../host.ts";
import { INSTRUMENT } from "../topology.ts";
import { composeText, RELAY_DIR, RELAY_PORT, type ComposeUnit } from "./compose-file.ts";
import type { ComposeOptions } from "./compose-parts.ts";
import { HOST_SERVICE } from "./containerised.ts";

/** The units that are containers of a lab with this topology. */
export function composeUnits({ backends }: Topology, plan: PortPlan): readonly ComposeUnit[] {
  return [
    ...backends.map(({ name, port }) => ({ name, program: "backend", ports: [port], observes: false })),
    { name: "balancer", program: "balancer", ports: [], observes: false },
    { name: "probe", program: "probe", ports: [plan.probeMetrics], observes: true },
    { name: "load", program: "load", ports: [], observes: true },
    { name: "relay", program: "relay", ports: [], observes: true },
  ];
}

/** The lab's part inside the network: see relay/main.ts. */
export const relayUnit: UnitDefinition = {
  name: "relay",
  description: "between the containers and the lab outside of them",
  program: "relay",
  config: { port: RELAY_PORT, metricsFile: `${RELAY_DIR}/lab.prom` },
  ...INSTRUMENT,
};

/** Prometheus' targets, as its file_sd reads them. */
export function scrapeTargets({ backends }: Topology, plan: PortPlan): object {
  const target = (job: string, ...targets: string[]) => ({ targets, labels: { job } });
  return [
    target("balancer", `${HOST_SERVICE}:${plan.admin}`),
    target("backend", ...backends.map(({ name, port }) => `${name}:${port}`)),
    target("probe", `probe:${plan.probeMetrics}`),
    target("lab", `relay:${RELAY_PORT}`),
  ];
}

export interface StackFiles {
  /** Directory of everything that containers see of the run. */
  readonly files: string;
  readonly composePath: string;
}

/** Writes what Compose needs for this topology. The directories around it are closed to other users of this machine. */
export function writeStack(
  topology: Topology,
  options: ComposeOptions,
  { files, composePath }: StackFiles,
): void {
  for (const name of ["", "units", "balancer", "targets", "relay"]) {
    mkdirSync(join(files, name), { recursive: true });
    chmodSync(join(files, name), 0o755);
  }
  writeFileSync(join(files, "targets/lab.json"), JSON.stringify(scrapeTargets(topology, options.plan)), {
    mode: 0o644,
  });
  const units = composeUnits(topology, options.plan);
  writeFileSync(composePath, composeText(units, options));
}
