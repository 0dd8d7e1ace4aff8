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

type CandidateSettings = Pick<PoolConfig, "policy" | "allDown" | "panicBelowPercent">;

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
  configure(config: CandidateSettings, reordered: boolean): void;
}

/**
 * An upstream is available when it is set to ready, has weight, is healthy and not ejected; with `allDown: all`, health and
 * ejection are ignored while none is up, or fewer than `panicBelowPercent` of them. The policy's view holds the available
 * ones, without those at their connection limit unless the policy pins: a request that must reach one upstream waits for it.
 * Kept up to date change by change, never scanned per request.
 */
export function createCandidates(
  upstreams: () => Iterable<Upstream>,
  initial: CandidateSettings,
  { random, clock }: { readonly random: Random; readonly clock: Pick<Clock, "now"> },
): Candidates {
  let settings = initial;
  const counts = createCounts(() => settings);
  const seen = new PolicyView((candidates) => createPolicy(settings.policy, { random, clock, candidates }));

  /** True when it became available or ceased to be. */
  function reassess(upstream: Upstream): boolean {
    const was = upstream.availability.available;
    const is = isEnabled(upstream) && (isUp(upstream) || counts.isPanic());
    counts.available(upstream, is);
    seen.update(upstream);
    seen.notifyWeight(upstream);
    return was !== is;
  }

  return {
    get policy() {
      return seen.policy;
    },
    get panic() {
      return counts.isPanic() && counts.availableCount > 0;
    },
    get any() {
      return counts.availableCount > 0;
    },
    get onlyOne() {
      return counts.availableCount === 1;
    },
    get anyUp() {
      return counts.upCount > 0;
    },
    isAvailable: ({ availability }) => availability.available,
    full: seen.full,
    update(upstream) {
      const was = counts.isPanic();
      counts.up(upstream);
      // Panic mode begins and ends for all at once.
      const affected = was === counts.isPanic() ? [upstream] : [...upstreams()];
      return affected.filter(reassess);
    },
    loadChanged(upstream) {
      if (upstream.availability.candidate) seen.policy.loadChanged?.(upstream);
      seen.update(upstream);
    },
    remove(upstream) {
      counts.up(upstream, false);
      counts.available(upstream, false);
      seen.update(upstream);
    },
    configure(next, reordered) {
      const samePolicy = JSON.stringify(next.policy) === JSON.stringify(settings.policy);
      settings = next;
      if (reordered) seen.reorder();
      if (!samePolicy || reordered) seen.renew();
      for (const each of upstreams()) counts.up(each);
      for (const each of upstreams()) reassess(each);
    },
  };
}

/** What the policy sees, in the configuration's order, and the policy, which is notified of each change. */
class PolicyView {
  policy: Policy<Upstream>;
  readonly full = new Set<Upstream>();
  private readonly view: Upstream[] = [];
  private readonly make: (view: readonly Upstream[]) => Policy<Upstream>;

  constructor(make: (view: readonly Upstream[]) => Policy<Upstream>) {
    this.make = make;
    this.policy = make(this.view);
  }

  /** It may belong to the view, or not any more. */
  update(upstream: Upstream): void {
    const { availability } = upstream;
    const { policy, view } = this;
    const free = hasRoom(upstream);
    const belongs = availability.available && (policy.pins || free);
    if (policy.pins) {
      if (belongs && !free) this.full.add(upstream);
      else this.full.delete(upstream);
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

  notifyWeight(upstream: Upstream): void {
    const { availability, weight } = upstream;
    if (!availability.candidate || availability.notifiedWeight === weight) return;
    availability.notifiedWeight = weight;
    this.policy.changed?.(upstream, "weight");
  }

  reorder(): void {
    this.view.sort((a, b) => a.order - b.order);
  }

  /** Another policy, over the same view. */
  renew(): void {
    this.full.clear();
    this.policy = this.make(this.view);
  }
}

/** How many are enabled, up and available; each verdict is kept at its upstream. */
interface Counts {
  readonly upCount: number;
  readonly availableCount: number;
  isPanic(): boolean;
  /** Its weight, state or health may have changed. */
  up(upstream: Upstream, enabled?: boolean): void;
  available(upstream: Upstream, is: boolean): void;
}

function createCounts(settings: () => CandidateSettings): Counts {
  let enabledCount = 0;
  let upCount = 0;
  let availableCount = 0;
  return {
    get upCount() {
      return upCount;
    },
    get availableCount() {
      return availableCount;
    },
    isPanic() {
      const { allDown, panicBelowPercent } = settings();
      return allDown === "all" && (upCount === 0 || 100 * upCount < panicBelowPercent * enabledCount);
    },
    up(upstream, enabled = isEnabled(upstream)) {
      const { availability } = upstream;
      const up = enabled && isUp(upstream);
      if (availability.enabled !== enabled) enabledCount += enabled ? 1 : -1;
      if (availability.up !== up) upCount += up ? 1 : -1;
      availability.enabled = enabled;
      availability.up = up;
    },
    available({ availability }, is) {
      if (availability.available !== is) availableCount += is ? 1 : -1;
      availability.available = is;
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
