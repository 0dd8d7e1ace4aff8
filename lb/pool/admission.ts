import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Candidates } from "./candidates.ts";
import type { PoolConfig } from "../config/schema.ts";
import type { PickReason } from "../pick-reasons.ts";
import type { PickRequest } from "../policies/policy.ts";
import { createWaitQueue, type Ticket } from "./wait-queue.ts";
import { hasRoom, type Upstream } from "./upstream.ts";

/** One that wants an upstream. Exactly one of `granted` and `refused` is called, unless it leaves before. */
export interface Applicant extends PickRequest {
  /** The upstream's name in its sticky cookie. */
  readonly stuckTo: string | undefined;
  /** It has a place in flight at `upstream` from here on, until it gives it back. */
  granted(upstream: Upstream, because: PickReason): void;
  refused(why: "noCandidate" | "queueFull" | "queueTimeout"): void;
}

/** An applicant in the queue, and the timer that ends its wait. */
export type Wait = Ticket<
  Upstream,
  {
    readonly applicant: Applicant;
    /** A reading of `now()`. */
    readonly since: number;
    readonly stopTimer: Cancel;
  }
>;

/** Gives out places in flight, and queues those that find none. */
export interface Admission {
  readonly waiting: number;
  /** The most that ever waited at a time. */
  readonly peakWaiting: number;
  /** The most that ever were in flight, waited or asked at a time. */
  readonly peak: number;
  /** Finds a place now, or later through the queue. Returns the wait, if there is one. */
  acquire(applicant: Applicant): Wait | undefined;
  /** The applicant has left. */
  leave(wait: Wait): void;
  /**
   * Moves a place from `from` to the upstream of the next attempt, which may be the same one. A retry never waits:
   * undefined when there is nowhere to go at once; the place is kept.
   */
  retry(applicant: Applicant, from: Upstream, tried: ReadonlySet<Upstream>): Upstream | undefined;
  /** Gives a place back and keeps the request in flight: it has become a tunnel. */
  tunnel(upstream: Upstream): void;
  /** The end of a tunnel, which has no place to give back. */
  tunnelEnded(upstream: Upstream): void;
  /** Gives a place back. */
  release(upstream: Upstream): void;
  /** The queue has new settings. */
  resize(limit: number): void;
  /** These became available, or ceased to be, or got more room. */
  changed(upstreams: readonly Upstream[]): void;
  /** Another pool has changed what this upstream, whose backend is shared, has in flight. */
  loadChanged(upstream: Upstream): void;
  /** Since when the first has waited that this upstream could serve now: a reading of `now()`; undefined: there is none. */
  waitingSince(upstream: Upstream): number | undefined;
  /** Gives one place at it to the first that waits. False: not now. */
  serveOne(upstream: Upstream): boolean;
  /** Gives what places there are at it to those that wait. */
  serve(upstream: Upstream): void;
  /** Calls `run` once, when none is in flight and none waits: at once, or at the end of the last. */
  whenEmpty(run: () => void): void;
}

export interface AdmissionDeps {
  readonly clock: Clock;
  readonly candidates: Candidates;
  readonly find: (name: string) => Upstream | undefined;
  readonly settings: () => Pick<PoolConfig, "queue" | "retry">;
}

const NONE: ReadonlySet<Upstream> = new Set();

/**
 * An applicant that is bound to one upstream, by its sticky cookie or by a policy that pins its key, waits for that one; all others
 * wait for the first that has room. A free place goes to the longest waiting of those that it suits, so while
 * any applicant waits for an upstream it has no room, and no later one can overtake.
 */
export function createAdmission({ clock, candidates, find, settings }: AdmissionDeps): Admission {
  const queue = createWaitQueue<Upstream, Wait["item"]>(settings().queue.limit);
  let peakWaiting = 0;
  let inFlight = 0;
  let peak = 0;
  let emptied: (() => void) | undefined;

  /** The one upstream that the applicant is bound to, which may be full. */
  function boundTo(applicant: Applicant, tried: ReadonlySet<Upstream>): Upstream | undefined {
    const stuck = applicant.stuckTo === undefined ? undefined : find(applicant.stuckTo);
    if (stuck && candidates.isAvailable(stuck) && !tried.has(stuck)) return stuck;
    const { policy } = candidates;
    return policy.pins && applicant.key !== undefined ? policy.pick(applicant, tried) : undefined;
  }

  function anyWithRoom(applicant: Applicant, tried: ReadonlySet<Upstream>): Upstream | undefined {
    const { policy, full } = candidates;
    // Only a policy that pins has full ones in its view.
    const avoid = full.size === 0 ? tried : tried.size === 0 ? full : new Set([...full, ...tried]);
    return policy.pick(applicant, avoid);
  }

  function reasonFor(upstream: Upstream, applicant: Applicant, isBound: boolean): PickReason {
    const { policy } = candidates;
    if (isBound && applicant.stuckTo === upstream.name) return "sticky-cookie";
    if (!upstream.availability.up) return "panic-mode";
    if (isBound) return "hash";
    if (candidates.onlyOne) return "only-candidate";
    return policy.pins ? "no-key" : (policy.reason ?? "policy");
  }

  function take(upstream: Upstream) {
    inFlight += 1;
    upstream.take();
    candidates.loadChanged(upstream);
    upstream.backend?.loadChanged(upstream, 1);
  }

  function end(wait: Wait): boolean {
    if (!queue.leave(wait)) return false;
    wait.item.stopTimer();
    return true;
  }

  /** The upstream that an applicant gets now, or the one that it has to wait for. */
  function place(
    applicant: Applicant,
  ): { readonly now: Upstream; readonly because: PickReason } | { readonly waitsFor: Upstream | undefined } {
    const bound = boundTo(applicant, NONE);
    const upstream = bound ?? anyWithRoom(applicant, NONE);
    if (!upstream || !hasRoom(upstream)) return { waitsFor: bound };
    return { now: upstream, because: reasonFor(upstream, applicant, bound !== undefined) };
  }

  function placeAgain(wait: Wait) {
    const { applicant } = wait.item;
    const placed = place(applicant);
    if ("now" in placed) {
      if (!end(wait)) return;
      take(placed.now);
      applicant.granted(placed.now, placed.because);
    } else if (candidates.any) queue.move(wait, placed.waitsFor);
    else if (end(wait)) {
      applicant.refused("noCandidate");
      if (emptied) reportEmpty();
    }
  }

  const toServe: Upstream[] = [];
  let serving = false;
  function serve(first: Upstream) {
    toServe.push(first);
    // What is granted may end at once and free the next place: a loop, where recursion would go as deep as the queue.
    if (serving) return;
    serving = true;
    for (let upstream = toServe.pop(); upstream; upstream = toServe.pop()) {
      while (candidates.isAvailable(upstream) && hasRoom(upstream)) {
        if (upstream.backend?.servesEarlier(upstream, queue.first(upstream)?.item.since)) continue;
        const wait = queue.next(upstream);
        if (!wait) break;
        grant(wait, upstream);
      }
      upstream.backend?.serveOthers(upstream);
    }
    serving = false;
  }

  function grant({ item: { applicant, stopTimer }, owner }: Wait, upstream: Upstream) {
    stopTimer();
    take(upstream);
    const isBound = owner !== undefined;
    applicant.granted(upstream, isBound ? reasonFor(upstream, applicant, true) : "freed-place");
  }

  function reportEmpty() {
    if (!emptied || inFlight > 0 || queue.length > 0) return;
    const run = emptied;
    emptied = undefined;
    run();
  }

  function release(upstream: Upstream) {
    inFlight -= 1;
    upstream.free();
    candidates.loadChanged(upstream);
    upstream.backend?.loadChanged(upstream, -1);
    serve(upstream);
    if (emptied) reportEmpty();
  }

  return {
    get waiting() {
      return queue.length;
    },
    get peakWaiting() {
      return peakWaiting;
    },
    get peak() {
      return peak;
    },
    acquire(applicant) {
      peak = Math.max(peak, inFlight + queue.length + 1);
      const placed = place(applicant);
      if ("now" in placed) {
        take(placed.now);
        applicant.granted(placed.now, placed.because);
        return undefined;
      }
      if (!candidates.any) {
        applicant.refused("noCandidate");
        return undefined;
      }
      const stopTimer = clock.after(settings().queue.timeoutMs, () => {
        if (!wait || !queue.leave(wait)) return;
        applicant.refused("queueTimeout");
        if (emptied) reportEmpty();
      });
      const wait = queue.enter({ applicant, since: clock.now(), stopTimer }, placed.waitsFor);
      peakWaiting = Math.max(peakWaiting, queue.length);
      if (!wait) {
        stopTimer();
        applicant.refused("queueFull");
      }
      return wait;
    },
    leave(wait) {
      if (end(wait) && emptied) reportEmpty();
    },
    retry(applicant, from, tried) {
      const pinned =
        applicant.stuckTo === from.name || (candidates.policy.pins && applicant.key !== undefined);
      const fromIsAvailable = candidates.isAvailable(from);
      if (pinned && !settings().retry.redispatch && fromIsAvailable) return from;
      const other = boundTo(applicant, tried) ?? anyWithRoom(applicant, tried);
      if (!other || !hasRoom(other)) {
        // All were attempted, or those that were not are full.
        if (fromIsAvailable) return from;
        const any = anyWithRoom(applicant, NONE);
        if (any) move(from, any);
        return any;
      }
      move(from, other);
      return other;
    },
    tunnel(upstream) {
      upstream.openTunnel();
      candidates.loadChanged(upstream);
      upstream.backend?.loadChanged(upstream, 0);
      serve(upstream);
    },
    tunnelEnded(upstream) {
      upstream.closeTunnel();
      release(upstream);
    },
    release,
    resize: (limit) => queue.resize(limit),
    changed(upstreams) {
      if (queue.length === 0) return;
      for (const upstream of upstreams)
        if (candidates.isAvailable(upstream)) serve(upstream);
        else for (const wait of queue.waitingFor(upstream)) placeAgain(wait);
      if (!candidates.any) for (const wait of queue.waitingFor(undefined)) placeAgain(wait);
    },
    loadChanged: (upstream) => candidates.loadChanged(upstream),
    waitingSince: (upstream) =>
      candidates.isAvailable(upstream) && hasRoom(upstream) ? queue.first(upstream)?.item.since : undefined,
    serveOne(upstream) {
      // It is served by the loop that is under way.
      if (serving || !candidates.isAvailable(upstream) || !hasRoom(upstream)) return false;
      const wait = queue.next(upstream);
      if (!wait) return false;
      grant(wait, upstream);
      return true;
    },
    serve,
    whenEmpty(run) {
      emptied = run;
      reportEmpty();
    },
  };

  function move(from: Upstream, to: Upstream) {
    take(to);
    release(from);
  }
}
