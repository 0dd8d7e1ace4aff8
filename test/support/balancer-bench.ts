import type { Balancer, Observer, RequestRecord } from "../../lb/balancer.ts";
import { balancerConfig, type BalancerConfig } from "../../lb/config/schema.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import { silentLog } from "../../runtime/log.ts";
import { seeded } from "../../runtime/random.ts";
import { createFakeExchange, type FakeExchange, type FakeRequest } from "./fake-exchange.ts";
import { createFakeTransport, type FakeTransport } from "./fake-transport.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** What the observer was notified of, one line an event. */
export interface Watched extends Observer {
  readonly records: RequestRecord[];
  readonly events: string[];
}

/** A balancer on a manual clock and a transport in memory. */
export interface Bench {
  readonly clock: ManualClock;
  readonly transport: FakeTransport;
  readonly watched: Watched;
  readonly balancer: Balancer<FakeExchange>;
  request(request?: FakeRequest): FakeExchange;
  /** One that is not handed to the balancer. */
  exchange(request?: FakeRequest): FakeExchange;
  /** The record of the request that ended last. */
  lastRecord(): RequestRecord;
  apply(pools: Record<string, unknown>, rest?: Record<string, unknown>): void;
  /** In flight at each upstream of all pools, by name. */
  inFlight(): Record<string, number>;
}

/** A pool of `count` upstreams u1, u2, ... on ports 1, 2, ... with the given settings over the defaults. */
export function poolOf(
  count: number,
  settings: Record<string, unknown> = {},
  each: Record<string, unknown> = {},
) {
  return {
    policy: { type: "round-robin" },
    upstreams: Array.from({ length: count }, (_, i) => ({
      name: `u${i + 1}`,
      address: `127.0.0.1:${i + 1}`,
      ...each,
    })),
    ...settings,
  };
}

/** A parsed configuration: one listener `public` with a route to each pool, the first one at `/`. */
export function configOf(pools: Record<string, unknown>, rest: Record<string, unknown> = {}): BalancerConfig {
  const routes = Object.keys(pools).map((pool, index) => ({ path: index === 0 ? "/" : `/${pool}`, pool }));
  return balancerConfig.parse({
    listeners: [{ name: "public", bind: "127.0.0.1:0", routes: routes.reverse() }],
    pools,
    ...rest,
  });
}

export function createBench(pools: Record<string, unknown>, rest: Record<string, unknown> = {}): Bench {
  const clock = createManualClock();
  const transport = createFakeTransport();
  const watched = createWatched();
  const random = seeded("bench");
  const deps = { clock, transport, observer: watched, random, log: silentLog };
  const balancer = createBalancer(configOf(pools, rest), 1, deps);
  return {
    clock,
    transport,
    watched,
    balancer,
    exchange: createFakeExchange,
    request(request) {
      const exchange = createFakeExchange(request);
      balancer.handle("public", exchange);
      return exchange;
    },
    lastRecord() {
      const record = watched.records.at(-1);
      if (!record) throw new Error("no request has ended");
      return record;
    },
    apply: (pools, rest) => balancer.apply(configOf(pools, rest), balancer.version + 1),
    inFlight: () =>
      Object.fromEntries(
        balancer.pools().flatMap(({ upstreams }) => upstreams.map(({ name, inFlight }) => [name, inFlight])),
      ),
  };
}

export function createWatched(): Watched {
  const records: RequestRecord[] = [];
  const events: string[] = [];
  return {
    records,
    events,
    request: (record) => void records.push(record),
    attempt: (pool, upstream, result) => void events.push(`attempt ${pool}/${upstream} ${result}`),
    retry: (pool, reason) => void events.push(`retry ${pool} ${reason}`),
    retryDenied: (pool) => void events.push(`denied ${pool}`),
    check: (pool, upstream, ok) => void events.push(`check ${pool}/${upstream} ${ok ? "ok" : "failed"}`),
    ejected: (pool, upstream) => void events.push(`ejected ${pool}/${upstream}`),
    upstreamState: (pool, upstream, state) => void events.push(`state ${pool}/${upstream} ${state}`),
    configured: (_config, version) => void events.push(`configured ${version}`),
  };
}
