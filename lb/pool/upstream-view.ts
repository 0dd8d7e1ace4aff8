import type { UpstreamState, UpstreamView } from "../balancer.ts";
import type { PoolConfig } from "../config/schema.ts";
import type { Upstream } from "./upstream.ts";

/** HAProxy's state, and EJECTED. The administrative state comes before what checks found, and that before an ejection. */
export function stateOf(upstream: Upstream): UpstreamState {
  switch (upstream.admin) {
    case "maintenance":
      return "MAINT";
    case "drain":
      return "DRAIN";
    case "ready":
      if (!upstream.healthy) return "DOWN";
      return upstream.ejected ? "EJECTED" : "UP";
  }
}

/**
 * HAProxy's status: its state, with how many more checks it takes where some have gone the other way (`UP 2/3`), and
 * `no check` without health checks: it counts as UP, and may be dead.
 */
function statusOf(upstream: Upstream, health: PoolConfig["health"]): string {
  const { streak } = upstream;
  const state = stateOf(upstream);
  if (state === "MAINT") return state;
  if (!upstream.healthy) return health && streak > 0 ? `DOWN ${streak}/${health.rise}` : "DOWN";
  if (!health) return state === "UP" ? "no check" : state;
  return streak < 0 && state !== "EJECTED" ? `${state} ${health.fall + streak}/${health.fall}` : state;
}

/** Pictures of all upstreams of a pool. */
export function viewsOf(
  upstreams: readonly Upstream[],
  pool: string,
  health: PoolConfig["health"],
): readonly UpstreamView[] {
  const readyWeight = upstreams.reduce(
    (sum, { admin, configuredWeight }) => sum + (admin === "ready" ? configuredWeight : 0),
    0,
  );
  return upstreams.map((upstream) => viewOf(upstream, pool, readyWeight, health));
}

/** A picture of an upstream. `readyWeight` is the sum of the weights of all in its pool that are set to ready. */
function viewOf(
  upstream: Upstream,
  pool: string,
  readyWeight: number,
  health: PoolConfig["health"],
): UpstreamView {
  const {
    name,
    address,
    admin,
    configuredWeight,
    inFlight,
    tunnels,
    peakInFlight,
    maxConnections,
    requests,
    failures,
  } = upstream;
  const state = stateOf(upstream);
  return {
    pool,
    name,
    address,
    state,
    status: statusOf(upstream, health),
    weight: configuredWeight,
    effectiveWeight: state === "UP" ? upstream.weight : 0,
    configuredShare: admin === "ready" && readyWeight > 0 ? configuredWeight / readyWeight : 0,
    inFlight,
    tunnels,
    peakInFlight,
    maxConnections,
    requests,
    failures,
    check: upstream.check,
    checkFailures: upstream.checkFailures,
    checkFailuresUp: upstream.checkFailuresUp,
  };
}
