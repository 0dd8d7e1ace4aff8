import type { OwnWords } from "../../scenarios/diagnosis.ts";
import type { PaceSet } from "../../scenarios/scenario.ts";
import type { Sight } from "../world/world.ts";

/** What a diagnosis can name: pools, units, what a change brought, also when it is gone again, and the scenario's own words. */
export function componentsOf(
  sight: Sight,
  { topology }: PaceSet,
  { components = {} }: OwnWords = {},
): string[] {
  const changed = sight.changes().flatMap(({ subjects }) => subjects);
  const units = sight.units().map(({ name }) => name);
  return [
    ...new Set([
      ...Object.keys(topology.config.pools),
      ...units,
      ...changed,
      "balancer",
      ...Object.keys(components),
    ]),
  ];
}
