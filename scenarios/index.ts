import { authBottleneck } from "./auth-bottleneck/scenario.ts";
import { deadBackends } from "./dead-backends/scenario.ts";
import { portConflict } from "./port-conflict/scenario.ts";
import type { Scenario } from "./scenario.ts";
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

/** By alias or by id. */
export const findScenario = (name: string): Scenario | undefined =>
  SCENARIOS.find(({ alias, id }) => alias === name || id === name);
