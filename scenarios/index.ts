import { authBottleneck } from "./auth-bottleneck/scenario.ts";
import { deadBackends } from "./dead-backends/scenario.ts";
import { portConflict } from "./port-conflict/scenario.ts";
import type { PaceSet, Scenario } from "./scenario.ts";
import { singleServer } from "./single-server/scenario.ts";
import { unevenWeights } from "./uneven-weights/scenario.ts";

/** Every scenario of the project, in the order of the reports. */
export const SCENARIOS: readonly Scenario[] = [
  portConflict,
  unevenWeights,
  authBottleneck,
  deadBackends,
  singleServer,
];

/** The shop without an incident: with the servers that it uses, and none in reserve. */
export const PLAIN_SHOP: Pick<PaceSet, "topology" | "workload"> = inUse(unevenWeights.paces.drill);

function inUse({ topology, workload }: PaceSet): Pick<PaceSet, "topology" | "workload"> {
  const used = new Set(
    Object.values(topology.config.pools).flatMap(({ upstreams }) => upstreams.map(({ name }) => name)),
  );
  const backends = topology.backends.filter(({ name, role }) => role !== "web" || used.has(name));
  return { topology: { ...topology, backends }, workload };
}

/** By alias or by id. */
export const findScenario = (name: string): Scenario | undefined =>
  SCENARIOS.find(({ alias, id }) => alias === name || id === name);
