import type { Log } from "../../runtime/log.ts";
import type { UpstreamState } from "../balancer.ts";
import type { Upstream } from "./upstream.ts";

/** Logs what changes in a pool. What lasts is logged once at its beginning and once at its end. */
export interface PoolLog {
  upstreamState(upstream: Upstream, from: UpstreamState, to: UpstreamState): void;
  /** Whether panic mode is on. */
  panic(active: boolean): void;
  /** Why health checks cannot be sent; undefined: they can. */
  checksUnsent(detail: string | undefined): void;
}

export function createPoolLog(pool: string, log: Log): PoolLog {
  let inPanic = false;
  let unsent: string | undefined;
  return {
    upstreamState(upstream, from, to) {
      const facts = { pool, upstream: upstream.name, from, to, check: upstream.check?.detail };
      const level = to === "DOWN" || to === "EJECTED" ? "warn" : "info";
      log[level](facts, `upstream ${pool}/${upstream.name} is ${to}`);
    },
    panic(active) {
      if (active === inPanic) return;
      inPanic = active;
      if (active)
        log.warn(
          { pool },
          `too few upstreams of pool ${pool} are healthy: all that are ready get requests (panic mode)`,
        );
      else log.info({ pool }, `enough upstreams of pool ${pool} are healthy again: panic mode has ended`);
    },
    checksUnsent(detail) {
      if (detail === unsent) return;
      unsent = detail;
      if (detail === undefined) log.info({ pool }, `health checks of pool ${pool} can be made again`);
      else
        log.error(
          { pool, code: detail },
          `health checks of pool ${pool} cannot be made (${detail}): its upstreams keep their states`,
        );
    },
  };
}
