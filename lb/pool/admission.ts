import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Candidates } from "./candidates.ts";
import type { PoolConfig } from "../config/schema.ts";
import type { PickReason } from "../pick-reasons.ts";
import type { PickRequest } from "../policies/policy.ts";
import { createPlacement, NONE_TRIED, type Placement } from "./placement.ts";
import { createWaitQueue, type Ticket, type WaitQueue } from "./wait-queue.ts";
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

/**
 * An applicant that is bound to one upstream, by its sticky cookie or by a policy that pins its key, waits for that one; all others
 * wait for the first that has room. A free place goes to the longest waiting of those that it suits, so while
 * any applicant waits for an upstream it has no room, and no later one can overtake.
 */
export const createAdmission = (deps: AdmissionDeps): Admission => new PoolAdmission(deps);

class PoolAdmission implements Admission {
  private readonly clock: Clock;
  private readonly candidates: Candidates;
  private readonly settings: AdmissionDeps["settings"];
  private readonly placement: Placement;
  private readonly queue: WaitQueue<Upstream, Wait["item"]>;
  private mostWaiting = 0;
  private inFlight = 0;
  private most = 0;
  private emptied: (() => void) | undefined;
  private readonly toServe: Upstream[] = [];
  private serving = false;

  constructor({ clock, candidates, find, settings }: AdmissionDeps) {
    this.clock = clock;
    this.candidates = candidates;
    this.settings = settings;
    this.placement = createPlacement(candidates, find);
    this.queue = createWaitQueue(settings().queue.limit);
  }

  get waiting(): number {
    return this.queue.length;
  }

  get peakWaiting(): number {
    return this.mostWaiting;
  }

  get peak(): number {
    return this.most;
  }

  acquire(applicant: Applicant): Wait | undefined {
    this.most = Math.max(this.most, this.inFlight + this.queue.length + 1);
    const placed = this.placement.place(applicant);
    if ("now" in placed) {
      this.take(placed.now);
      applicant.granted(placed.now, placed.because);
      return undefined;
    }
    if (!this.candidates.any) {
      applicant.refused("noCandidate");
      return undefined;
    }
    const stopTimer = this.clock.after(this.settings().queue.timeoutMs, () => {
      if (!wait || !this.queue.leave(wait)) return;
      applicant.refused("queueTimeout");
      if (this.emptied) this.reportEmpty();
    });
    const wait = this.queue.enter({ applicant, since: this.clock.now(), stopTimer }, placed.waitsFor);
    this.mostWaiting = Math.max(this.mostWaiting, this.queue.length);
    if (!wait) {
      stopTimer();
      applicant.refused("queueFull");
    }
    return wait;
  }

  leave(wait: Wait): void {
    if (this.end(wait) && this.emptied) this.reportEmpty();
  }

  retry(applicant: Applicant, from: Upstream, tried: ReadonlySet<Upstream>): Upstream | undefined {
    const pinned =
      applicant.stuckTo === from.name || (this.candidates.policy.pins && applicant.key !== undefined);
    const fromIsAvailable = this.candidates.isAvailable(from);
    if (pinned && !this.settings().retry.redispatch && fromIsAvailable) return from;
    const other = this.placement.boundTo(applicant, tried) ?? this.placement.anyWithRoom(applicant, tried);
    if (!other || !hasRoom(other)) {
      // All were attempted, or those that were not are full.
      if (fromIsAvailable) return from;
      const any = this.placement.anyWithRoom(applicant, NONE_TRIED);
      if (any) this.move(from, any);
      return any;
    }
    this.move(from, other);
    return other;
  }

  tunnel(upstream: Upstream): void {
    upstream.openTunnel();
    this.candidates.loadChanged(upstream);
    upstream.backend?.loadChanged(upstream, 0);
    this.serve(upstream);
  }

  tunnelEnded(upstream: Upstream): void {
    upstream.closeTunnel();
    this.release(upstream);
  }

  resize(limit: number): void {
    this.queue.resize(limit);
  }

  changed(upstreams: readonly Upstream[]): void {
    if (this.queue.length === 0) return;
    for (const upstream of upstreams)
      if (this.candidates.isAvailable(upstream)) this.serve(upstream);
      else for (const wait of this.queue.waitingFor(upstream)) this.placeAgain(wait);
    if (!this.candidates.any) for (const wait of this.queue.waitingFor(undefined)) this.placeAgain(wait);
  }

  loadChanged(upstream: Upstream): void {
    this.candidates.loadChanged(upstream);
  }

  waitingSince(upstream: Upstream): number | undefined {
    return this.candidates.isAvailable(upstream) && hasRoom(upstream)
      ? this.queue.first(upstream)?.item.since
      : undefined;
  }

  serveOne(upstream: Upstream): boolean {
    // It is served by the loop that is under way.
    if (this.serving || !this.candidates.isAvailable(upstream) || !hasRoom(upstream)) return false;
    const wait = this.queue.next(upstream);
    if (!wait) return false;
    this.grant(wait, upstream);
    return true;
  }

  whenEmpty(run: () => void): void {
    this.emptied = run;
    this.reportEmpty();
  }

  private take(upstream: Upstream) {
    this.inFlight += 1;
    upstream.take();
    this.candidates.loadChanged(upstream);
    upstream.backend?.loadChanged(upstream, 1);
  }

  private end(wait: Wait): boolean {
    if (!this.queue.leave(wait)) return false;
    wait.item.stopTimer();
    return true;
  }

  private placeAgain(wait: Wait) {
    const { applicant } = wait.item;
    const placed = this.placement.place(applicant);
    if ("now" in placed) {
      if (!this.end(wait)) return;
      this.take(placed.now);
      applicant.granted(placed.now, placed.because);
    } else if (this.candidates.any) this.queue.move(wait, placed.waitsFor);
    else if (this.end(wait)) {
      applicant.refused("noCandidate");
      if (this.emptied) this.reportEmpty();
    }
  }

  serve(first: Upstream): void {
    this.toServe.push(first);
    // What is granted may end at once and free the next place: a loop, where recursion would go as deep as the queue.
    if (this.serving) return;
    this.serving = true;
    for (let upstream = this.toServe.pop(); upstream; upstream = this.toServe.pop()) {
      while (this.candidates.isAvailable(upstream) && hasRoom(upstream)) {
        if (upstream.backend?.servesEarlier(upstream, this.queue.first(upstream)?.item.since)) continue;
        const wait = this.queue.next(upstream);
        if (!wait) break;
        this.grant(wait, upstream);
      }
      upstream.backend?.serveOthers(upstream);
    }
    this.serving = false;
  }

  private grant({ item: { applicant, stopTimer }, owner }: Wait, upstream: Upstream) {
    stopTimer();
    this.take(upstream);
    const isBound = owner !== undefined;
    applicant.granted(
      upstream,
      isBound ? this.placement.reasonFor(upstream, applicant, true) : "freed-place",
    );
  }

  private reportEmpty() {
    if (!this.emptied || this.inFlight > 0 || this.queue.length > 0) return;
    const run = this.emptied;
    this.emptied = undefined;
    run();
  }

  release(upstream: Upstream): void {
    this.inFlight -= 1;
    upstream.free();
    this.candidates.loadChanged(upstream);
    upstream.backend?.loadChanged(upstream, -1);
    this.serve(upstream);
    if (this.emptied) this.reportEmpty();
  }

  private move(from: Upstream, to: Upstream) {
    this.take(to);
    this.release(from);
  }
}
