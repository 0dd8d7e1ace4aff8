import type { Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import type { PoolConfig } from "./config/schema.ts";
import { createPolicy } from "./policies/index.ts";
import type { Policy } from "./policies/policy.ts";
import type { Upstream } from "./upstream.ts";

/** Who of a pool may get requests, and its policy, which is told of every change as it happens. */
export interface Candidates {
  readonly policy: Policy<Upstream>;
  /** Nobody is well, and so all that are ready are usable. */
  readonly panic: boolean;
  /** Some upstream may get requests, now or when it has room. */
  readonly any: boolean;
  /** May it get requests, now or when it has room? */
  usable(upstream: Upstream): boolean;
  /** Those that are full and yet in the policy's view, because it pins. */
  readonly full: ReadonlySet<Upstream>;
  /** The upstream's weight, state or health may have changed. Returns all that became usable or ceased to be. */
  update(upstream: Upstream): readonly Upstream[];
  /** The upstream's `inFlight` has changed. */
  loadChanged(upstream: Upstream): void;
  /** It has left the configuration, and `upstreams` no longer tells of it. Its order is still the old one. */
  remove(upstream: Upstream): void;
  /** New settings, also of the upstreams. `reordered`: those that stay are in another order. */
  configure(config: Pick<PoolConfig, "policy" | "allDown">, reordered: boolean): void;
}

/**
 * An upstream is usable when it is set to ready, has weight, and is well: healthy and not ejected; with `allDown: all`,
 * that is ignored while nobody is well. The policy's view holds the usable ones, without those at their connection limit unless the
 * policy pins: who must reach one upstream waits for it. Kept up to date change by change, never scanned per request.
 */
export function createCandidates(
  upstreams: () => Iterable<Upstream>,
  initial: Pick<PoolConfig, "policy" | "allDown">,
  { random, clock }: { readonly random: Random; readonly clock: Pick<Clock, "now"> },
): Candidates {
  let settings = initial;
  const well = new Set<Upstream>();
  const usable = new Set<Upstream>();
  const listed = new Set<Upstream>();
  const full = new Set<Upstream>();
  const view: Upstream[] = [];
  const weights = new Map<Upstream, number>();
  let policy = newPolicy();

  function newPolicy(): Policy<Upstream> {
    return createPolicy(settings.policy, { random, clock, candidates: view });
  }

  const isPanic = () => settings.allDown === "all" && well.size === 0;

  function hold(set: Set<Upstream>, upstream: Upstream, belongs: boolean) {
    if (belongs) set.add(upstream);
    else set.delete(upstream);
  }

  function list(upstream: Upstream) {
    const hasRoom = upstream.inFlight < upstream.maxConnections;
    const belongs = usable.has(upstream) && (policy.pins || hasRoom);
    if (policy.pins) hold(full, upstream, belongs && !hasRoom);
    if (belongs === listed.has(upstream)) return;
    const place = placeOf(view, upstream.order);
    if (belongs) {
      listed.add(upstream);
      weights.set(upstream, upstream.weight);
      view.splice(place, 0, upstream);
      policy.changed?.(upstream, "joined");
    } else {
      listed.delete(upstream);
      view.splice(place, 1);
      policy.changed?.(upstream, "left");
    }
  }

  /** True when it became usable or ceased to be. */
  function judge(upstream: Upstream): boolean {
    const was = usable.has(upstream);
    const is = isAble(upstream) && (isWell(upstream) || isPanic());
    hold(usable, upstream, is);
    list(upstream);
    tellWeight(upstream);
    return was !== is;
  }

  function tellWeight(upstream: Upstream) {
    if (!listed.has(upstream) || weights.get(upstream) === upstream.weight) return;
    weights.set(upstream, upstream.weight);
    policy.changed?.(upstream, "weight");
  }

  return {
    get policy() {
      return policy;
    },
    get panic() {
      return isPanic() && usable.size > 0;
    },
    get any() {
      return usable.size > 0;
    },
    usable: (upstream) => usable.has(upstream),
    full,
    update(upstream) {
      const was = isPanic();
      hold(well, upstream, isAble(upstream) && isWell(upstream));
      // Panic begins and ends for everyone at once.
      const affected = was === isPanic() ? [upstream] : [...upstreams()];
      return affected.filter(judge);
    },
    loadChanged(upstream) {
      if (listed.has(upstream)) policy.loadChanged?.(upstream);
      list(upstream);
    },
    remove(upstream) {
      well.delete(upstream);
      usable.delete(upstream);
      list(upstream);
      weights.delete(upstream);
    },
    configure(next, reordered) {
      const samePolicy = JSON.stringify(next.policy) === JSON.stringify(settings.policy);
      settings = next;
      if (reordered) view.sort((a, b) => a.order - b.order);
      if (!samePolicy || reordered) {
        full.clear();
        policy = newPolicy();
      }
      for (const each of upstreams()) hold(well, each, isAble(each) && isWell(each));
      for (const each of upstreams()) judge(each);
    },
  };
}

function isAble({ admin, weight }: Upstream): boolean {
  return admin === "ready" && weight > 0;
}

function isWell({ healthy, ejected }: Upstream): boolean {
  return healthy && !ejected;
}

/** Index in `view` of the first whose order is not below `order`. */
function placeOf(view: readonly Upstream[], order: number): number {
  let low = 0;
  let high = view.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((view[middle]?.order ?? 0) < order) low = middle + 1;
    else high = middle;
  }
  return low;
}
