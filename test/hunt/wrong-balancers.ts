import type { Invariant } from "./findings.ts";
import type { MakeBalancer } from "./run-plan.ts";
import type { Balancer, BalancerDeps } from "../../lb/balancer.ts";
import type { BalancerConfig, PoolConfig } from "../../lb/config/schema.ts";
import { createBalancer } from "../../lb/create-balancer.ts";
import type { SimulatedExchange } from "../../lab/world/simulated/exchange.ts";

type X = SimulatedExchange;

/** A balancer with one thing wrong, and what it breaks: the first of these is found. */
export interface WrongBalancer {
  readonly make: MakeBalancer;
  readonly breaks: readonly Invariant[];
  /** The seed to begin with, where it takes more of them than a test should. */
  readonly from?: number;
}

/** The real one under a configuration that it was not given, and that its views do not show. */
function misconfigured(change: (pool: PoolConfig) => PoolConfig): MakeBalancer {
  const changed = (config: BalancerConfig): BalancerConfig => ({
    ...config,
    pools: Object.fromEntries(Object.entries(config.pools).map(([name, pool]) => [name, change(pool)])),
  });
  return (config, version, deps) => {
    let given = config;
    const real = createBalancer<X>(changed(config), version, deps);
    return variant(real, {
      apply(config, version) {
        real.apply(changed(config), version);
        given = config;
      },
      config: () => given,
      pools: () =>
        real.pools().map((view) => ({
          ...view,
          upstreams: view.upstreams.map((shown) => ({
            ...shown,
            maxConnections:
              given.pools[view.name]?.upstreams.find(({ name }) => name === shown.name)?.maxConnections ??
              shown.maxConnections,
          })),
        })),
    });
  };
}

type Variation = Partial<Omit<Balancer<X>, "config">> & { readonly config?: () => BalancerConfig };

function variant(real: Balancer<X>, { config, ...other }: Variation): Balancer<X> {
  return {
    handle: (listener, exchange) => real.handle(listener, exchange),
    apply: (next, version) => real.apply(next, version),
    pools: () => real.pools(),
    setWeight: (upstream, weight) => real.setWeight(upstream, weight),
    setState: (upstream, state) => real.setState(upstream, state),
    startCanary: (next, version, traffic) => real.startCanary(next, version, traffic),
    promoteCanary: () => real.promoteCanary(),
    abortCanary: () => real.abortCanary(),
    close: () => real.close(),
    get canary() {
      return real.canary;
    },
    ...other,
    get config() {
      return config?.() ?? real.config;
    },
    get version() {
      return real.version;
    },
    get inFlight() {
      return real.inFlight;
    },
  };
}

/** The real one on a clock, transport or observer that is wrong. */
const deceived =
  (change: (deps: BalancerDeps<X>) => Partial<BalancerDeps<X>>): MakeBalancer =>
  (config, version, deps) =>
    createBalancer<X>(config, version, { ...deps, ...change(deps) });

export const WRONG_BALANCERS: Readonly<Record<string, WrongBalancer>> = {
  "drains nobody": {
    make(config, version, deps) {
      const real = createBalancer<X>(config, version, deps);
      return variant(real, { setState: () => true });
    },
    breaks: ["only to available upstreams", "true views"],
  },
  "keeps the weights that it began with": {
    make(config, version, deps) {
      const real = createBalancer<X>(config, version, deps);
      return variant(real, { setWeight: () => true });
    },
    breaks: ["only to available upstreams", "true views"],
  },
  "lets one more wait": {
    make: misconfigured((pool) => ({ ...pool, queue: { ...pool.queue, limit: pool.queue.limit + 1 } })),
    breaks: ["queue limit"],
  },
  "lets one fewer wait": {
    make: misconfigured((pool) => ({
      ...pool,
      queue: { ...pool.queue, limit: Math.max(0, pool.queue.limit - 1) },
    })),
    breaks: ["no needless waiting"],
  },
  "ignores the queue timeout": {
    make: misconfigured((pool) => ({
      ...pool,
      queue: { ...pool.queue, timeoutMs: pool.queue.timeoutMs * 2 },
    })),
    breaks: ["in time"],
  },
  "lets one more connect": {
    make: misconfigured((pool) => ({
      ...pool,
      upstreams: pool.upstreams.map((one) => ({ ...one, maxConnections: one.maxConnections + 1 })),
    })),
    breaks: ["connection limits"],
  },
  "retries once more": {
    make: misconfigured((pool) => ({ ...pool, retry: { ...pool.retry, attempts: pool.retry.attempts + 1 } })),
    breaks: ["retry rules"],
  },
  "retries after everything": {
    make: misconfigured((pool) => ({
      ...pool,
      retry: { ...pool.retry, on: ["connect-failure", "reset", "timeout", "5xx"] },
    })),
    breaks: ["retry rules"],
  },
  "retries without a budget": {
    make: misconfigured((pool) => ({ ...pool, retry: { ...pool.retry, budgetPercent: 1000 } })),
    breaks: ["retry budget"],
  },
  "moves requests that are bound": {
    make: misconfigured((pool) => ({ ...pool, retry: { ...pool.retry, redispatch: true } })),
    breaks: ["stickiness holds"],
    from: 110,
  },
  "does not know its own cookie": {
    make: misconfigured((pool) => {
      const rest = { ...pool };
      delete rest.sticky;
      return rest;
    }),
    breaks: ["stickiness holds"],
  },
  "takes every request for an idempotent one": {
    make(config, version, deps) {
      const real = createBalancer<X>(config, version, deps);
      return variant(real, {
        handle(listener, exchange) {
          Object.assign(exchange, { head: { ...exchange.head, method: "GET", hasBody: false } });
          real.handle(listener, exchange);
        },
      });
    },
    breaks: ["nothing unsafe twice"],
  },
  "ejects without a limit": {
    make: misconfigured(({ outlier, ...pool }) =>
      outlier ? { ...pool, outlier: { ...outlier, maxEjectedPercent: 100 } } : pool,
    ),
    breaks: ["ejections"],
  },
  "ejects too early": {
    make: misconfigured(({ outlier, ...pool }) =>
      outlier ? { ...pool, outlier: { ...outlier, consecutive5xx: 1 } } : pool,
    ),
    breaks: ["ejections"],
  },
  "takes one failed check for three": {
    make: misconfigured(({ health, ...pool }) =>
      health ? { ...pool, health: { ...health, fall: 1 } } : pool,
    ),
    breaks: ["health checks"],
  },
  "sends at random": {
    make: misconfigured((pool) => ({ ...pool, policy: { type: "random" } })),
    breaks: ["the policy's choice", "shares by weight", "stickiness holds"],
  },
  "gives all the same weight": {
    make: misconfigured((pool) => ({
      ...pool,
      upstreams: pool.upstreams.map((one) => ({ ...one, weight: Math.min(1, one.weight) })),
    })),
    breaks: ["true views", "shares by weight", "the policy's choice"],
  },
  "does not record every request": {
    make: deceived(({ observer }) => {
      let records = 0;
      return {
        observer: { ...observer, request: (record) => void (++records % 50 && observer.request(record)) },
      };
    }),
    breaks: ["true views", "nothing stays"],
  },
  "records some twice": {
    make: deceived(({ observer }) => ({
      observer: {
        ...observer,
        request(record) {
          observer.request(record);
          if (record.status === 503) observer.request(record);
        },
      },
    })),
    breaks: ["one outcome"],
  },
  "gives no attempt up": {
    make: deceived(({ transport }) => ({
      transport: {
        ...transport,
        send(...args) {
          transport.send(...args);
          return { abort() {} };
        },
      },
    })),
    breaks: ["one outcome", "nothing stays"],
  },
  "leaves a timer behind": {
    make: deceived(({ clock }) => {
      let cancelled = 0;
      return {
        clock: {
          ...clock,
          after(ms, run) {
            const cancel = clock.after(ms, run);
            return () => void (++cancelled % 100 && cancel());
          },
        },
      };
    }),
    breaks: [
      "no crash",
      "one outcome",
      "nothing stays",
      "true views",
      "true records",
      "only to available upstreams",
    ],
  },
  "begins anew with each configuration": {
    make(config, version, deps) {
      let current = createBalancer<X>(config, version, deps);
      return {
        handle: (listener, exchange) => current.handle(listener, exchange),
        apply: (next, version) => void (current = createBalancer<X>(next, version, deps)),
        pools: () => current.pools(),
        setWeight: (upstream, weight) => current.setWeight(upstream, weight),
        setState: (upstream, state) => current.setState(upstream, state),
        startCanary: (next, version, traffic) => current.startCanary(next, version, traffic),
        promoteCanary: () => current.promoteCanary(),
        abortCanary: () => current.abortCanary(),
        close: () => current.close(),
        get canary() {
          return current.canary;
        },
        get config() {
          return current.config;
        },
        get version() {
          return current.version;
        },
        get inFlight() {
          return current.inFlight;
        },
      };
    },
    breaks: ["true views", "health checks", "connection limits", "no effect of reloads, same seed same run"],
  },
  "draws random numbers without the seed": {
    make: (() => {
      let run = 0;
      return deceived(({ random }) => ({ random: random.fork(`run/${run++}`) }));
    })(),
    breaks: ["no effect of reloads, same seed same run"],
  },
};
