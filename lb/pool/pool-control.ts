import { CodedError } from "../../runtime/errors.ts";
import type { Log } from "../../runtime/log.ts";
import type { Balancer, PoolView, UpstreamView } from "../balancer.ts";
import type { UpstreamConfig } from "../config/schema.ts";

export interface UpstreamChange {
  readonly weight?: number | undefined;
  readonly state?: UpstreamConfig["state"] | undefined;
}

/** An upstream as the admin interface returns it: under the name of its pool. */
export type AdminUpstream = Omit<UpstreamView, "name"> & { readonly upstream: string };
export interface AdminPool extends Omit<PoolView, "name" | "upstreams"> {
  readonly pool: string;
  readonly upstreams: readonly AdminUpstream[];
}

/** A balancer's pools as operators read them, and what they may change in them until the next configuration. */
export interface PoolControl {
  pools(): readonly AdminPool[];
  /** Throws NOT_FOUND when no pool has such an upstream. */
  change(
    upstream: string,
    change: UpstreamChange,
  ): { readonly message: string; readonly upstreams: readonly AdminUpstream[] };
}

export function createPoolControl(
  balancer: Pick<Balancer, "pools" | "setWeight" | "setState">,
  log: Log,
): PoolControl {
  const pools = (): readonly AdminPool[] =>
    balancer.pools().map(({ name, upstreams, ...rest }) => ({
      pool: name,
      ...rest,
      upstreams: upstreams.map(({ name: upstream, ...rest }) => Object.assign(rest, { upstream })),
    }));
  return {
    pools,
    change(name, change) {
      const { weight, state } = change;
      const known = [
        weight !== undefined && balancer.setWeight(name, weight),
        state !== undefined && balancer.setState(name, state),
      ];
      const all = pools().flatMap(({ upstreams }) => upstreams);
      if (!known.includes(true)) {
        const names = all.map(({ upstream }) => upstream);
        throw new CodedError(
          "NOT_FOUND",
          `there is no upstream ${name}; there is ${names.slice(0, 50).join(", ")}`,
        );
      }
      log.info({ upstream: name, ...change }, "an upstream was changed until the next configuration");
      const upstreams = all.filter(({ upstream }) => upstream === name);
      return { message: `${name} is changed until the next configuration`, upstreams };
    },
  };
}
