import type { PolicyType } from "../../lb/policies/index.ts";
import type { Draw } from "./draw.ts";
import { ABSENT_KEY } from "./tracked-request.ts";
import { HEALTH_PATH } from "./backend.ts";
import type { OptionalSetting, PoolPlan, PoolSettings, UpstreamPlan } from "./plan.ts";

/** A pool of some of the backends. */
export function drawPool(draw: Draw, backends: number): PoolPlan {
  const members = draw.times(backends, (backend) => backend).filter(() => draw.sometimes(0.8));
  return {
    settings: drawSettings(draw),
    upstreams: (members.length === 0 ? [0] : members).map((backend) =>
      drawUpstream(draw, `u${backend}`, backend),
    ),
  };
}

export function drawUpstream(draw: Draw, name: string, backend: number): UpstreamPlan {
  return {
    name,
    backend,
    weight: draw.one([1, 1, 1, 2, 5, 20]),
    maxConnections: draw.one([1, 2, 5, 64]),
    state: draw.one(["ready", "ready", "ready", "ready", "ready", "ready", "drain", "maintenance"]),
  };
}

function drawSettings(draw: Draw): PoolSettings {
  return {
    policy: drawPolicy(draw),
    ...(draw.sometimes(0.3) && { sticky: { cookie: "lb" } }),
    ...(draw.sometimes(0.5) && { health: drawHealth(draw) }),
    ...(draw.sometimes(0.5) && { outlier: drawOutlier(draw) }),
    queue: drawQueue(draw),
    retry: drawRetry(draw),
    timeouts: drawTimeouts(draw),
    slowStartMs: draw.one([0, 0, 300, 3000]),
    allDown: draw.one(["refuse", "all"]),
  };
}

/** New values for some of a pool's settings, and some of them gone. */
export function drawSettingsEdit(draw: Draw): {
  readonly settings: Partial<PoolSettings>;
  readonly without: readonly OptionalSetting[];
} {
  const all = drawSettings(draw);
  const names = draw.some(Object.keys(all) as (keyof PoolSettings)[]);
  return {
    settings: Object.fromEntries(names.map((name) => [name, all[name]])),
    without: draw.some(["sticky", "health", "outlier"]).filter((name) => !names.includes(name)),
  };
}

function drawPolicy(draw: Draw): PoolSettings["policy"] {
  const key = draw.one(["cookie:user", ABSENT_KEY, "peer"]);
  const policies: Readonly<Record<PolicyType, PoolSettings["policy"]>> = {
    "round-robin": { type: "round-robin" },
    random: { type: "random" },
    "random-two": { type: "random-two" },
    "least-connections": { type: "least-connections" },
    "peak-ewma": { type: "peak-ewma", decayMs: draw.one([100, 10_000]) },
    "ring-hash": { type: "ring-hash", key },
    maglev: { type: "maglev", key, tableSize: draw.one([101, 1009]) },
    first: { type: "first" },
  };
  return draw.one(Object.values(policies));
}

function drawHealth(draw: Draw): NonNullable<PoolSettings["health"]> {
  return {
    path: HEALTH_PATH,
    intervalMs: draw.one([100, 400]),
    timeoutMs: draw.one([50, 150]),
    fall: draw.between(1, 3),
    rise: draw.between(1, 3),
  };
}

function drawOutlier(draw: Draw): NonNullable<PoolSettings["outlier"]> {
  return {
    consecutive5xx: draw.one([1, 2, 5]),
    ejectionSeconds: draw.one([1, 2, 5]),
    maxEjectedPercent: draw.one([10, 34, 50, 100]),
  };
}

function drawQueue(draw: Draw): NonNullable<PoolSettings["queue"]> {
  return { limit: draw.one([0, 1, 4, 128]), timeoutMs: draw.one([20, 200, 2000]) };
}

function drawRetry(draw: Draw): NonNullable<PoolSettings["retry"]> {
  return {
    attempts: draw.one([0, 1, 1, 2, 5]),
    on: draw.some(["connect-failure", "reset", "timeout", "5xx"]),
    budgetPercent: draw.one([0, 20, 20, 100]),
    backoffMs: draw.one([0, 0, 15, 200]),
    redispatch: draw.sometimes(0.5),
  };
}

function drawTimeouts(draw: Draw): NonNullable<PoolSettings["timeouts"]> {
  return {
    ...(draw.sometimes(0.5) && { connectMs: draw.one([10, 100]) }),
    ...(draw.sometimes(0.5) && { responseMs: draw.one([30, 250]) }),
    ...(draw.sometimes(0.5) && { bodyIdleMs: draw.one([10, 100]) }),
    ...(draw.sometimes(0.2) && { totalMs: draw.one([40, 400]) }),
  };
}
