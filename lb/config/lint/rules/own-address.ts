import { reaches } from "../../../address.ts";
import type { BalancerConfig } from "../../schema.ts";
import type { Remark, Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "OWN_ADDRESS",
  severity: "error",
  title: "A pool that leads back to this balancer",
  page: `An upstream has the address of a listener of this configuration that leads to the same pool again, by itself or through
others, or of the admin interface. Each request would come back as another one, until every connection and descriptor is
taken.

Give the upstream the backend's own address, or the listener another port. A listener in front of another one is fine
as long as no route leads back.`,
  find: ({ config }) =>
    eachPool(config, ({ upstreams }, path, name) =>
      upstreams.flatMap(({ address }, index): Remark[] => {
        const at = [...path, "upstreams", index, "address"];
        if (reaches(address, config.admin.bind))
          return [{ path: at, message: `${address} is this balancer's own admin interface` }];
        const listener = config.listeners.find(({ bind }) => reaches(address, bind));
        if (!listener || !leadsTo(config, listener.name, name, new Set())) return [];
        const message = `${address} is this balancer's own listener ${listener.name}, which leads here again: requests would go round`;
        return [{ path: at, message }];
      }),
    ),
};

/** Whether requests that come in by a listener can reach a pool, through further listeners, too. */
function leadsTo(config: BalancerConfig, listener: string, pool: string, seen: Set<string>): boolean {
  if (seen.has(listener)) return false;
  seen.add(listener);
  const routes = config.listeners.find(({ name }) => name === listener)?.routes ?? [];
  return routes.some((route) => {
    if (route.pool === pool) return true;
    const addresses = config.pools[route.pool]?.upstreams.map(({ address }) => address) ?? [];
    return config.listeners.some(
      ({ name, bind }) =>
        addresses.some((address) => reaches(address, bind)) && leadsTo(config, name, pool, seen),
    );
  });
}
