import type { Clock } from "../../runtime/clock.ts";
import type { Buckets } from "../../runtime/metrics/buckets.ts";
import type { NumberSeries } from "../../runtime/metrics/family.ts";
import type { RequestRecord } from "../balancer.ts";
import type { BalancerConfig } from "../config/schema.ts";
import type { AttemptResult } from "../outcome.ts";
import type { Meters } from "./metrics.ts";
import { createShareWindow, type ShareCount, type ShareWindow } from "./share-window.ts";
import type { UpstreamLevels } from "./upstream-levels.ts";

/** Stands for a route or a pool that a request has outlived, or never had. */
export const NONE = "-";

/** What is counted of one route. */
export interface RouteMeters {
  readonly label: string;
  readonly duration: Buckets;
  /** A few: found by going through them faster than by making a key of them. */
  readonly answers: AnswerMeter[];
}

export interface AnswerMeter extends Pick<RequestRecord, "pool" | "status" | "origin" | "flag"> {
  readonly count: NumberSeries;
}

/** What is counted of one pool. */
export interface PoolMeters {
  readonly queueTime: Buckets;
  readonly connectTime: Buckets;
  readonly responseTime: Buckets;
  readonly share: ShareWindow;
  readonly levels: Map<string, UpstreamLevels>;
  /** Undefined until something is sent to it: of thousands most are idle. */
  readonly upstreams: Map<string, UpstreamMeters | undefined>;
}

export interface UpstreamMeters {
  readonly share: ShareCount;
  readonly results: { readonly result: AttemptResult; readonly count: NumberSeries }[];
}

/** The series by the label values of the configuration in force. What is still in flight under an old one may have others. */
export interface MetersInForce {
  readonly meters: Meters;
  routes: Map<string, RouteMeters | undefined>;
  pools: Map<string, PoolMeters>;
}

/** Drops the series of label values that a configuration lacks, and makes those that every configuration has. */
export function adopt(inForce: MetersInForce, config: BalancerConfig, clock: Clock): void {
  const { meters } = inForce;
  const wanted = labelsOf(config);
  const poolOf = ([pool = NONE]: readonly string[]) => pool === NONE || wanted.pools.has(pool);
  const routeOf = ([route = NONE, pool = NONE]: readonly string[]) =>
    (route === NONE || wanted.routes.has(route)) && (pool === NONE || wanted.pools.has(pool));
  const upstreamOf = ([pool = NONE, upstream = NONE]: readonly string[]) =>
    wanted.pools.get(pool)?.has(upstream) === true;
  for (const family of meters.byRoute) family.retain(routeOf);
  for (const family of meters.byPool) family.retain(poolOf);
  for (const family of meters.byUpstream) family.retain(upstreamOf);
  inForce.routes = new Map([...wanted.routes].map((route) => [route, undefined]));
  // Attempts under other weights do not count: the shares begin anew.
  inForce.pools = new Map(
    [...wanted.pools].map(([pool, upstreams]) => [pool, poolMeters(meters, pool, { upstreams, clock })]),
  );
  bind(meters, config);
}

function labelsOf({ listeners, pools }: BalancerConfig) {
  return {
    routes: new Set(listeners.flatMap(({ name, routes }) => routes.map((_, index) => `${name}/${index}`))),
    pools: new Map(
      Object.entries(pools).map(([pool, { upstreams }]) => [
        pool,
        new Set(upstreams.map(({ name }) => name)),
      ]),
    ),
  };
}

function poolMeters(
  meters: Meters,
  pool: string,
  { upstreams, clock }: { readonly upstreams: ReadonlySet<string>; readonly clock: Clock },
): PoolMeters {
  return {
    queueTime: meters.queueTime.of(pool).buckets,
    connectTime: meters.connectTime.of(pool).buckets,
    responseTime: meters.responseTime.of(pool).buckets,
    share: createShareWindow(clock),
    levels: new Map(),
    upstreams: new Map([...upstreams].map((name) => [name, undefined])),
  };
}

/** Makes the series that every configuration has, so that they begin at 0 and not with their first event. */
function bind(meters: Meters, { listeners, pools }: BalancerConfig): void {
  for (const { name, routes } of listeners)
    routes.forEach(({ pool }, index) => {
      meters.requests.of(`${name}/${index}`, pool, "200", "upstream", NONE);
    });
  for (const pool of Object.keys(pools)) meters.retriesDenied.of(pool);
}
