import type { Observer } from "./balancer.ts";
import type { BalancerConfig } from "./config/schema.ts";

/** One observer that notifies all of these, in their order. */
export function fanOut(observers: readonly Observer[]): Observer {
  const notify =
    <K extends keyof Observer>(event: K) =>
    (...detail: Parameters<Observer[K]>): void => {
      for (const observer of observers)
        (observer[event] as (...detail: Parameters<Observer[K]>) => void)(...detail);
    };
  return {
    // What every request has is passed on without a list of arguments, which costs more than what observers do with it.
    request(record) {
      for (const observer of observers) observer.request(record);
    },
    attempt(pool, upstream, result) {
      for (const observer of observers) observer.attempt(pool, upstream, result);
    },
    retry: notify("retry"),
    retryDenied: notify("retryDenied"),
    check: notify("check"),
    upstreamState: notify("upstreamState"),
    ejected: notify("ejected"),
    configured: notify("configured"),
  };
}

/** An observer of a second version: states, checks and ejections of upstreams that the first has as well are notified by that one. */
export function withoutStatesOf(observer: Observer, { pools }: BalancerConfig): Observer {
  const known = new Set<string>();
  for (const [pool, { upstreams }] of Object.entries(pools))
    for (const { name } of upstreams) known.add(`${pool}/${name}`);
  const isNew = (pool: string, upstream: string) => !known.has(`${pool}/${upstream}`);
  return {
    ...observer,
    check(pool, upstream, ok, durationMs) {
      if (isNew(pool, upstream)) observer.check(pool, upstream, ok, durationMs);
    },
    upstreamState(pool, upstream, state) {
      if (isNew(pool, upstream)) observer.upstreamState(pool, upstream, state);
    },
    ejected(pool, upstream) {
      if (isNew(pool, upstream)) observer.ejected(pool, upstream);
    },
  };
}
