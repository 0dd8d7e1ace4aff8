import type { Clock } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { PoolConfig } from "../config/schema.ts";
import { createPolicy } from "../policies/index.ts";
import type { Policy } from "../policies/policy.ts";
import { hasRoom, type Upstream } from "./upstream.ts";

/** What a pool makes of an upstream. It lies with the upstream, since each request asks for it; only Candidates change it. */
export interface Standing {
  /** Ready and with weight. */
  able: boolean;
  /** Healthy, not ejected, ready and with weight. */
  well: boolean;
  /** May it get requests, now or when it has room? */
  usable: boolean;
  /** It is in the policy's view, which was told this weight. */
  listed: boolean;
  toldWeight: number;
}

/** Who of a pool may get requests, and its policy, which is told of every change as it happens. */
export interface Candidates {
  readonly policy: Policy<Upstream>;
  /** Too few are well, and so all that are ready are usable. */
  readonly panic: boolean;
  /** Some upstream may get requests, now or when it has room. */
  readonly any: boolean;
  /** Some upstream is ready, has weight, and is well. */
  readonly anyWell: boolean;
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
  configure(config: Pick<PoolConfig, "policy" | "allDown" | "panicBelowPercent">, reordered: boolean): void;
}

/**
 * An upstream is usable when it is set to ready, has weight, and is well: healthy and not ejected; with `allDown: all`,
 * that is ignored while nobody is well, or fewer than `panicBelowPercent` of them. The policy's view holds the usable ones, without those at their connection limit unless the
 * policy pins: who must reach one upstream waits for it. Kept up to date change by change, never scanned per request.
 */
export function createCandidates(
  upstreams: () => Iterable<Upstream>,
  initial: Pick<PoolConfig, "policy" | "allDown" | "panicBelowPercent">,
  { random, clock }: { readonly random: Random; readonly clock: Pick<Clock, "now"> },
): Candidates {
  let settings = initial;
  let ableCount = 0;
  let wellCount = 0;
  let usableCount = 0;
  const full = new Set<Upstream>();
  const view: Upstream[] = [];
  let policy = newPolicy();

  function newPolicy(): Policy<Upstream> {
    return createPolicy(settings.policy, { random, clock, candidates: view });
  }

  const isPanic = () =>
    settings.allDown === "all" &&
    (wellCount === 0 || 100 * wellCount < settings.panicBelowPercent * ableCount);

  function holdWell(upstream: Upstream, able = isAble(upstream)) {
    const { standing } = upstream;
    const well = able && isWell(upstream);
    if (standing.able !== able) ableCount += able ? 1 : -1;
    if (standing.well !== well) wellCount += well ? 1 : -1;
    standing.able = able;
    standing.well = well;
  }

  function holdUsable({ standing }: Upstream, is: boolean) {
    if (standing.usable !== is) usableCount += is ? 1 : -1;
    standing.usable = is;
  }

  function list(upstream: Upstream) {
    const { standing } = upstream;
    const free = hasRoom(upstream);
    const belongs = standing.usable && (policy.pins || free);
    if (policy.pins) {
      if (belongs && !free) full.add(upstream);
      else full.delete(upstream);
    }
    if (belongs === standing.listed) return;
    const place = placeOf(view, upstream.order);
    standing.listed = belongs;
    if (belongs) {
      standing.toldWeight = upstream.weight;
      view.splice(place, 0, upstream);
      policy.changed?.(upstream, "joined");
    } else {
      view.splice(place, 1);
      policy.changed?.(upstream, "left");
    }
  }

  /** True when it became usable or ceased to be. */
  function judge(upstream: Upstream): boolean {
    const was = upstream.standing.usable;
    const is = isAble(upstream) && (isWell(upstream) || isPanic());
    holdUsable(upstream, is);
    list(upstream);
    tellWeight(upstream);
    return was !== is;
  }

  function tellWeight(upstream: Upstream) {
    const { standing, weight } = upstream;
    if (!standing.listed || standing.toldWeight === weight) return;
    standing.toldWeight = weight;
    policy.changed?.(upstream, "weight");
  }

  return {
    get policy() {
      return policy;
    },
    get panic() {
      return isPanic() && usableCount > 0;
    },
    get any() {
      return usableCount > 0;
    },
    get anyWell() {
      return wellCount > 0;
    },
    usable: ({ standing }) => standing.usable,
    full,
    update(upstream) {
      const was = isPanic();
      holdWell(upstream);
      // Panic begins and ends for everyone at once.
      const affected = was === isPanic() ? [upstream] : [...upstreams()];
      return affected.filter(judge);
    },
    loadChanged(upstream) {
      if (upstream.standing.listed) policy.loadChanged?.(upstream);
      list(upstream);
    },
    remove(upstream) {
      holdWell(upstream, false);
      holdUsable(upstream, false);
      list(upstream);
    },
    configure(next, reordered) {
      const samePolicy = JSON.stringify(next.policy) === JSON.stringify(settings.policy);
      settings = next;
      if (reordered) view.sort((a, b) => a.order - b.order);
      if (!samePolicy || reordered) {
        full.clear();
        policy = newPolicy();
      }
      for (const each of upstreams()) holdWell(each);
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
