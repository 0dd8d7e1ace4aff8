import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { PoolConfig } from "../config/schema.ts";
import { createPolicy } from "../policies/index.ts";
import type { Policy } from "../policies/policy.ts";
import { hasRoom, type Upstream } from "./upstream.ts";

/** A pool's verdict on an upstream. It is kept at the upstream, since each request reads it; only Candidates change it. */
export interface Availability {
  /** Set to ready, and with weight. */
  enabled: boolean;
  /** Enabled, healthy and not ejected. */
  up: boolean;
  /** May it get requests, now or when it has room? */
  available: boolean;
  /** In the policy's view, which was notified of this weight. */
  candidate: boolean;
  notifiedWeight: number;
}

/** The upstreams of a pool that may get requests, and its policy, which is notified of every change as it happens. */
export interface Candidates {
  readonly policy: Policy<Upstream>;
  /** Panic mode: too few are up, and so all that are enabled are available. */
  readonly panic: boolean;
  /** Some upstream may get requests, now or when it has room. */
  readonly any: boolean;
  /** No more than one may. */
  readonly onlyOne: boolean;
  /** Some upstream is up. */
  readonly anyUp: boolean;
  /** May it get requests, now or when it has room? */
  isAvailable(upstream: Upstream): boolean;
  /** Those that are full and yet in the policy's view, because it pins. */
  readonly full: ReadonlySet<Upstream>;
  /** The upstream's weight, state or health may have changed. Returns all that became available or ceased to be. */
  update(upstream: Upstream): readonly Upstream[];
  /** The upstream's `inFlight` has changed. */
  loadChanged(upstream: Upstream): void;
  /** It has left the configuration, and `upstreams` no longer has it. Its order is still the old one. */
  remove(upstream: Upstream): void;
  /** New settings, also of the upstreams. `reordered`: those that stay are in another order. */
  configure(config: Pick<PoolConfig, "policy" | "allDown" | "panicBelowPercent">, reordered: boolean): void;
}

/**
 * An upstream is available when it is set to ready, has weight, is healthy and not ejected; with `allDown: all`, health and
 * ejection are ignored while none is up, or fewer than `panicBelowPercent` of them. The policy's view holds the available
 * ones, without those at their connection limit unless the policy pins: a request that must reach one upstream waits for it.
 * Kept up to date change by change, never scanned per request.
 */
export function createCandidates(
  upstreams: () => Iterable<Upstream>,
  initial: Pick<PoolConfig, "policy" | "allDown" | "panicBelowPercent">,
  { random, clock }: { readonly random: Random; readonly clock: Pick<Clock, "now"> },
): Candidates {
  let settings = initial;
  let enabledCount = 0;
  let upCount = 0;
  let availableCount = 0;
  const full = new Set<Upstream>();
  const view: Upstream[] = [];
  let policy = newPolicy();

  function newPolicy(): Policy<Upstream> {
    return createPolicy(settings.policy, { random, clock, candidates: view });
  }

  const isPanic = () =>
    settings.allDown === "all" &&
    (upCount === 0 || 100 * upCount < settings.panicBelowPercent * enabledCount);

  function countUp(upstream: Upstream, enabled = isEnabled(upstream)) {
    const { availability } = upstream;
    const up = enabled && isUp(upstream);
    if (availability.enabled !== enabled) enabledCount += enabled ? 1 : -1;
    if (availability.up !== up) upCount += up ? 1 : -1;
    availability.enabled = enabled;
    availability.up = up;
  }

  function countAvailable({ availability }: Upstream, is: boolean) {
    if (availability.available !== is) availableCount += is ? 1 : -1;
    availability.available = is;
  }

  function updateView(upstream: Upstream) {
    const { availability } = upstream;
    const free = hasRoom(upstream);
    const belongs = availability.available && (policy.pins || free);
    if (policy.pins) {
      if (belongs && !free) full.add(upstream);
      else full.delete(upstream);
    }
    if (belongs === availability.candidate) return;
    const place = placeOf(view, upstream.order);
    availability.candidate = belongs;
    if (belongs) {
      availability.notifiedWeight = upstream.weight;
      view.splice(place, 0, upstream);
      policy.changed?.(upstream, "joined");
    } else {
      view.splice(place, 1);
      policy.changed?.(upstream, "left");
    }
  }

  /** True when it became available or ceased to be. */
  function reassess(upstream: Upstream): boolean {
    const was = upstream.availability.available;
    const is = isEnabled(upstream) && (isUp(upstream) || isPanic());
    countAvailable(upstream, is);
    updateView(upstream);
    notifyWeight(upstream);
    return was !== is;
  }

  function notifyWeight(upstream: Upstream) {
    const { availability, weight } = upstream;
    if (!availability.candidate || availability.notifiedWeight === weight) return;
    availability.notifiedWeight = weight;
    policy.changed?.(upstream, "weight");
  }

  return {
    get policy() {
      return policy;
    },
    get panic() {
      return isPanic() && availableCount > 0;
    },
    get any() {
      return availableCount > 0;
    },
    get onlyOne() {
      return availableCount === 1;
    },
    get anyUp() {
      return upCount > 0;
    },
    isAvailable: ({ availability }) => availability.available,
    full,
    update(upstream) {
      const was = isPanic();
      countUp(upstream);
      // Panic mode begins and ends for all at once.
      const affected = was === isPanic() ? [upstream] : [...upstreams()];
      return affected.filter(reassess);
    },
    loadChanged(upstream) {
      if (upstream.availability.candidate) policy.loadChanged?.(upstream);
      updateView(upstream);
    },
    remove(upstream) {
      countUp(upstream, false);
      countAvailable(upstream, false);
      updateView(upstream);
    },
    configure(next, reordered) {
      const samePolicy = JSON.stringify(next.policy) === JSON.stringify(settings.policy);
      settings = next;
      if (reordered) view.sort((a, b) => a.order - b.order);
      if (!samePolicy || reordered) {
        full.clear();
        policy = newPolicy();
      }
      for (const each of upstreams()) countUp(each);
      for (const each of upstreams()) reassess(each);
    },
  };
}

function isEnabled({ admin, weight }: Upstream): boolean {
  return admin === "ready" && weight > 0;
}

function isUp({ healthy, ejected }: Upstream): boolean {
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
