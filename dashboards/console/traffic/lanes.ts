import type { BackendView, PoolView } from "../../../lab/trainee/views.ts";

/** An upstream of a pool, as its lane shows it. Ratios 0..1. */
export interface Lane {
  readonly upstream: string;
  readonly address: string;
  readonly state: string;
  /** The last check, in HAProxy's words. */
  readonly check: string | undefined;
  readonly weight: number;
  readonly weights: number;
  /** Of the attempts of its pool in the last 10 s; null where the metrics do not say. */
  readonly share: number | null;
  /** Its weight's part. */
  readonly configured: number;
  readonly equal: number;
  readonly inFlight: number;
  /** 0: no limit. */
  readonly limit: number;
  readonly full: boolean;
  readonly requestsPerSecond: number | null;
  readonly failuresPerSecond: number | null;
  readonly restarts: number;
}

export function lanesOf(pool: PoolView, backends: readonly BackendView[]): readonly Lane[] {
  const weights = pool.upstreams.reduce((sum, { weight }) => sum + weight, 0);
  const rates = pool.upstreams.reduce((sum, { requestsPerSecond }) => sum + (requestsPerSecond ?? 0), 0);
  return pool.upstreams.map((one) => ({
    upstream: one.upstream,
    address: one.address,
    state: one.state,
    check: one.status,
    weight: one.weight,
    weights,
    share: one.requestsPerSecond === null || rates === 0 ? null : one.requestsPerSecond / rates,
    configured: weights === 0 ? 0 : one.weight / weights,
    equal: 1 / pool.upstreams.length,
    inFlight: one.inFlight,
    limit: one.maxConnections,
    full: one.maxConnections > 0 && one.inFlight >= one.maxConnections,
    requestsPerSecond: one.requestsPerSecond,
    failuresPerSecond: one.failuresPerSecond,
    restarts: backends.find(({ backend }) => backend === one.upstream)?.restarts ?? 0,
  }));
}

/** As many as fit at 1280 x 800. */
export const MOST_LANES = 10;

/** The lanes that are shown one by one, and what the others have in common. */
export interface Folded {
  readonly shown: readonly Lane[];
  readonly rest: Rest | undefined;
}

/** Lanes that nothing sets apart, as one line. */
export interface Rest {
  readonly count: number;
  readonly names: readonly string[];
  readonly state: string;
  /** From the least to the most. */
  readonly share: readonly [number, number] | null;
  readonly inFlight: readonly [number, number];
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
}

/** A pool of more than ten: the odd ones one by one, in the pool's order, and the rest as one line. */
export function foldLanes(lanes: readonly Lane[], most = MOST_LANES): Folded {
  if (lanes.length <= most) return { shown: lanes, rest: undefined };
  const oddness = oddnessIn(lanes);
  const byOddness = lanes.filter((lane) => oddness(lane) > 0).sort((a, b) => oddness(b) - oddness(a));
  const odd = new Set(byOddness.slice(0, most - 1));
  // A pool without an odd one still shows what one of them looks like.
  if (odd.size === 0 && lanes[0]) odd.add(lanes[0]);
  return {
    shown: lanes.filter((lane) => odd.has(lane)),
    rest: restOf(lanes.filter((lane) => !odd.has(lane))),
  };
}

/** How much sets a lane apart from most of its pool: failures first, then its state, what it is given, and what it holds. */
function oddnessIn(lanes: readonly Lane[]): (lane: Lane) => number {
  const state = mostFrequent(lanes.map((lane) => lane.state));
  const weight = mostFrequent(lanes.map((lane) => lane.weight));
  const limit = mostFrequent(lanes.map((lane) => lane.limit));
  const shares = lanes.map(({ share }) => share ?? 0).sort((a, b) => a - b);
  const median = shares[Math.floor(shares.length / 2)] ?? 0;
  return (lane) =>
    ((lane.failuresPerSecond ?? 0) > 0 ? 16 : 0) +
    (lane.state === state ? 0 : 8) +
    (lane.full ? 4 : 0) +
    (lane.weight === weight && lane.limit === limit ? 0 : 4) +
    // Twice its fellows' share, or less than half of it: chance alone does not do that over 10 s of traffic.
    (lane.share !== null && (lane.share > median * 2 || lane.share < median / 2) ? 2 : 0) +
    (lane.restarts > 0 ? 1 : 0);
}

function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function restOf(lanes: readonly Lane[]): Rest {
  const shares = lanes.flatMap(({ share }) => share ?? []);
  const inFlight = lanes.map((lane) => lane.inFlight);
  return {
    count: lanes.length,
    names: lanes.map(({ upstream }) => upstream),
    state: [...new Set(lanes.map(({ state }) => state))].join(", "),
    share: shares.length === 0 ? null : [Math.min(...shares), Math.max(...shares)],
    inFlight: [Math.min(...inFlight), Math.max(...inFlight)],
    requestsPerSecond: lanes.reduce((sum, lane) => sum + (lane.requestsPerSecond ?? 0), 0),
    failuresPerSecond: lanes.reduce((sum, lane) => sum + (lane.failuresPerSecond ?? 0), 0),
  };
}
