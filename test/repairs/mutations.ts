import type { PolicyType } from "../../lb/policies/index.ts";
import type { ConfigInput } from "../../scenarios/scenario.ts";
import type { Draw } from "../hunt/draw.ts";

type Pool = ConfigInput["pools"][string];
type Upstream = Pool["upstreams"][number];

/** A change of one pool that a person might make. */
export type Mutation = (pool: Pool, draw: Draw, known: readonly Upstream[]) => Pool;

const weighed = (pool: Pool, weightOf: (i: number) => number): Pool => ({
  ...pool,
  upstreams: pool.upstreams.map((upstream, i) => ({ ...upstream, weight: weightOf(i) })),
});

const POLICIES: Readonly<Record<PolicyType, Pool["policy"]>> = {
  "round-robin": { type: "round-robin" },
  random: { type: "random" },
  "random-two": { type: "random-two" },
  "least-connections": { type: "least-connections" },
  "peak-ewma": { type: "peak-ewma" },
  first: { type: "first" },
  "ring-hash": { type: "ring-hash", key: "cookie:user" },
  maglev: { type: "maglev", key: "cookie:user" },
};

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "even weights": (pool) => weighed(pool, () => 1),
  "random weights": (pool, draw) => weighed(pool, () => draw.between(1, draw.one([3, 10, 100]))),
  "one weight": (pool, draw) => {
    const which = draw.below(pool.upstreams.length);
    const weight = draw.one([0, 1, 2, 3, 5, 10, 100, 256]);
    return {
      ...pool,
      upstreams: pool.upstreams.map((upstream, i) => (i === which ? { ...upstream, weight } : upstream)),
    };
  },
  "next to nothing for some": (pool, draw) => weighed(pool, () => draw.one([150, 150, 150, 1])),
  policy: (pool, draw) => ({
    ...pool,
    policy: draw.one(Object.values(POLICIES)),
  }),
  "limits of connections": (pool, draw) => {
    const maxConnections = draw.one([1, 2, 3, 4, 6, 8, 16, 64]);
    return { ...pool, upstreams: pool.upstreams.map((upstream) => ({ ...upstream, maxConnections })) };
  },
  "one limit of connections": (pool, draw) => {
    const which = draw.below(pool.upstreams.length);
    const maxConnections = draw.one([1, 2, 3, 6, 64]);
    return {
      ...pool,
      upstreams: pool.upstreams.map((upstream, i) =>
        i === which ? { ...upstream, maxConnections } : upstream,
      ),
    };
  },
  queue: (pool, draw) => ({
    ...pool,
    queue: { limit: draw.one([0, 4, 12, 40, 200, 1000]), timeoutMs: draw.one([100, 500, 2000, 10_000]) },
  }),
  "health checks": (pool, draw) => ({
    ...pool,
    health: {
      path: "/healthz",
      intervalMs: draw.one([500, 1000, 2000, 5000]),
      timeoutMs: draw.one([200, 500]),
      fall: draw.between(1, 3),
      rise: draw.between(1, 2),
    },
  }),
  "no health checks": ({ health: _none, ...pool }) => pool,
  retries: (pool, draw) => ({
    ...pool,
    retry: {
      attempts: draw.between(1, 3),
      on: draw.one<("connect-failure" | "reset" | "5xx")[]>([
        ["connect-failure"],
        ["connect-failure", "reset"],
        ["connect-failure", "5xx"],
      ]),
      budgetPercent: draw.one([10, 20, 50, 100]),
    },
  }),
  timeouts: (pool, draw) => ({
    ...pool,
    timeouts: { connectMs: draw.one([200, 1000, 5000]), responseMs: draw.one([100, 200, 1000, 30_000]) },
  }),
  "without one": (pool, draw) => {
    const which = draw.below(pool.upstreams.length);
    return pool.upstreams.length < 2
      ? pool
      : { ...pool, upstreams: pool.upstreams.filter((_, i) => i !== which) };
  },
  "without some": (pool, draw) => {
    const some = draw.some(pool.upstreams);
    return some.length === 0 ? pool : { ...pool, upstreams: some };
  },
  "with others": (pool, draw, known) => {
    const names = new Set(pool.upstreams.map(({ name }) => name));
    const role = pool.upstreams[0]?.name.split("-")[0] ?? "";
    const others = known.filter(({ name }) => !names.has(name) && name.startsWith(`${role}-`));
    return { ...pool, upstreams: [...pool.upstreams, ...draw.some(others)] };
  },
};
