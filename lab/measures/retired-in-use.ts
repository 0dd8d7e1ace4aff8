import { parseBalancerConfig } from "../../lb/config/parse.ts";
import type { Sight } from "../world/world.ts";

/** Those of the units whose ports the configuration in force names as upstreams. */
export async function retiredInUse(
  units: readonly string[],
  { sight }: { readonly sight: Sight },
): Promise<readonly string[]> {
  const parsed = parseBalancerConfig((await sight.config()).yaml, "");
  if (!parsed.ok) return [];
  const ports = new Set(
    Object.values(parsed.config.pools).flatMap(({ upstreams }) =>
      upstreams.map(({ address }) => address.slice(address.lastIndexOf(":") + 1)),
    ),
  );
  return units.filter((unit) => {
    const { port } = sight.unitConfig(unit);
    return typeof port === "number" && ports.has(String(port));
  });
}
