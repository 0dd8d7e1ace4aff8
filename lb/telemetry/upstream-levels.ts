import type { NumberSeries } from "../../runtime/metrics/family.ts";
import type { UpstreamView } from "../balancer.ts";
import type { Meters } from "./metrics.ts";
import type { ConnectionCounts } from "../transport/transport.ts";

/** What is read of one upstream at each scrape. Made at the first scrape: a configuration may have thousands of upstreams. */
export interface UpstreamLevels {
  read(view: UpstreamView, connections: ConnectionCounts): void;
}

const STATES = [
  "UP",
  "DOWN",
  "DRAIN",
  "MAINT",
  "EJECTED",
] as const satisfies readonly UpstreamView["state"][];

export function createUpstreamLevels(meters: Meters, pool: string, name: string): UpstreamLevels {
  // These begin at 0 and not with their first event.
  meters.attempts.of(pool, name, "ok");
  meters.ejections.of(pool, name);
  const inFlightLevel = meters.inFlight.of(pool, name);
  const states = STATES.map((state) => ({ state, level: meters.state.of(pool, name, state) }));
  const weightLevel = meters.weight.of(pool, name);
  const effectiveLevel = meters.effectiveWeight.of(pool, name);
  const idleLevel = meters.connections.of(pool, name, "idle");
  const activeLevel = meters.connections.of(pool, name, "active");
  const reuseCount = meters.reuses.of(pool, name);
  /** Of most there never are any. */
  let tunnelLevel: NumberSeries | undefined;
  let check: { readonly status: NumberSeries; readonly seconds: NumberSeries } | undefined;

  return {
    read({ state, weight, effectiveWeight, inFlight, tunnels = 0, check: result }, { idle, active, reuses }) {
      inFlightLevel.value = inFlight;
      if (tunnels > 0) tunnelLevel ??= meters.tunnels.of(pool, name);
      if (tunnelLevel) tunnelLevel.value = tunnels;
      for (const each of states) each.level.value = each.state === state ? 1 : 0;
      weightLevel.value = weight;
      effectiveLevel.value = effectiveWeight;
      idleLevel.value = idle;
      activeLevel.value = active;
      // The engine's own count: where it began anew, so does this one.
      reuseCount.value = reuses;
      if (result === undefined) {
        // Without checks nothing is known, and an old result would be a lie.
        meters.checkStatus.drop(pool, name);
        meters.checkDuration.drop(pool, name);
        check = undefined;
        return;
      }
      check ??= {
        status: meters.checkStatus.of(pool, name),
        seconds: meters.checkDuration.of(pool, name),
      };
      check.status.value = result.ok ? 1 : 0;
      check.seconds.value = result.durationMs / 1000;
    },
  };
}
