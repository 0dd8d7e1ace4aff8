import type { AttemptResult } from "../outcome.ts";
import type { Upstream } from "./upstream.ts";

/** One pool's upstream of a backend that pools of two versions send to, and how that pool takes up what the others report. */
export interface SharedEnd {
  /** Its pool's name, and the pool itself, of which a backend has one end at most. */
  readonly pool: string;
  readonly owner: object;
  readonly upstream: Upstream;
  /** What its pool checks it by, and ejects it by, as text: ends with the same share health, and ejections. */
  checksBy(): string;
  ejectsBy(): string;
  isChecking(): boolean;
  /** False once it has left its pool's configuration: it gets nothing more. */
  isListed(): boolean;
  /** False also once its version has ended: what waits there may still get it. */
  isMember(): boolean;
  /** Its requests in flight have changed. */
  loadChanged(): void;
  /** Its health or its ejection has changed. */
  stateChanged(): void;
  /** Checks it, or leaves that to another end. */
  watch(): void;
  /** An attempt by another end has ended, which counts against it. */
  judge(result: AttemptResult): void;
  /** Since when the first has waited that could be served now; undefined: there is none. */
  waitingSince(): number | undefined;
  /** Gives one place to the first that waits. False: not now. */
  serveOne(): boolean;
  serve(): void;
}

interface Seat {
  readonly end: SharedEnd;
  /** Requests in flight that its own pool has at it. */
  held: number;
}

/**
 * One backend of several pools: what is in flight, its counters and, where pools ask for the same, its health and its ejection
 * are one and the same at all of its upstreams. Weights, limits and states that were set are each pool's own. The first end checks and judges.
 */
export class SharedBackend {
  private readonly seats: Seat[] = [];

  /** Takes an end in, as it is when it is the first, else with what the others know. */
  join(end: SharedEnd): void {
    const { upstream } = end;
    const first = this.seats[0]?.end.upstream;
    this.seats.push({ end, held: first ? 0 : upstream.inFlight });
    upstream.backend = this;
    if (!first) return;
    upstream.follow("load", first);
    upstream.follow("counts", first);
    this.takeHealth(upstream);
    if (this.judgeOf(upstream)) upstream.follow("ejection", first);
  }

  /** True when this pool has an end here. */
  hasEndOf(owner: object): boolean {
    return this.seats.some(({ end }) => end.owner === owner && end.isMember());
  }

  /** The pool of this end has ended: it counts no more. */
  leave(upstream: Upstream): void {
    const place = this.seats.findIndex(({ end }) => end.upstream === upstream);
    if (place === -1) return;
    this.seats.splice(place, 1);
    upstream.backend = undefined;
    const others = this.seats.map(({ end }) => end);
    if (others.length === 1) {
      this.seats.length = 0;
      for (const end of others) end.upstream.backend = undefined;
    }
    for (const end of others) {
      if (end.isMember()) end.watch();
      // Its last request may have made room for one of theirs.
      if (end.waitingSince() !== undefined) end.serve();
    }
  }

  /** It has left its pool's configuration: its end leaves with the last request that it still has in flight. */
  removed(upstream: Upstream): void {
    const seat = this.seats.find(({ end }) => end.upstream === upstream);
    if (seat?.held === 0) this.leave(upstream);
    else this.watchChanged(upstream);
  }

  /** It has got one more in flight, or one less, or one of them has become a tunnel. */
  loadChanged(from: Upstream, held: 1 | 0 | -1): void {
    for (const seat of this.seats) {
      const { end } = seat;
      if (end.upstream === from) seat.held += held;
      else {
        end.upstream.follow("load", from);
        end.loadChanged();
      }
    }
    const own = this.seats.find(({ end }) => end.upstream === from);
    if (own?.held === 0 && !own.end.isListed()) this.leave(from);
  }

  countsChanged(from: Upstream): void {
    for (const { end } of this.seats) if (end.upstream !== from) end.upstream.follow("counts", from);
  }

  /** Another end has a request that has waited longer than since `since`, and has served it. */
  servesEarlier(than: Upstream, since: number | undefined): boolean {
    for (const { end } of this.seats) {
      const theirs = end.upstream === than ? undefined : end.waitingSince();
      if (theirs !== undefined && (since === undefined || theirs < since) && end.serveOne()) return true;
    }
    return false;
  }

  /** Offers what room is left to the others. */
  serveOthers(from: Upstream): void {
    for (const end of this.others(from)) if (end.waitingSince() !== undefined) end.serve();
  }

  /** A check of it has ended. */
  checked(from: Upstream): void {
    const by = this.endOf(from)?.checksBy();
    for (const end of this.others(from))
      if (end.checksBy() === by) {
        end.upstream.follow("health", from);
        end.stateChanged();
      }
  }

  /** It was ejected or readmitted. */
  ejectionChanged(from: Upstream): void {
    const by = this.endOf(from)?.ejectsBy();
    for (const end of this.others(from))
      if (end.ejectsBy() === by) {
        end.upstream.follow("ejection", from);
        end.stateChanged();
      }
  }

  /** Its pool has other settings: it takes up the health that another end has found with the same ones. */
  takeHealth(upstream: Upstream): void {
    const by = this.endOf(upstream)?.checksBy();
    const same = this.seats.find(({ end }) => end.upstream !== upstream && end.checksBy() === by);
    if (same) upstream.follow("health", same.end.upstream);
  }

  /** True when an earlier end checks it by the same settings. */
  isCheckedElsewhere(upstream: Upstream): boolean {
    const by = this.endOf(upstream)?.checksBy();
    return this.before(upstream).some((end) => end.isChecking() && end.checksBy() === by);
  }

  /** Its checks have begun or ended. */
  watchChanged(from: Upstream): void {
    const at = this.seats.findIndex(({ end }) => end.upstream === from);
    for (const { end } of this.seats.slice(at + 1)) if (end.isMember()) end.watch();
  }

  /** True when another end counts what has become of this attempt. */
  judges(from: Upstream, result: AttemptResult): boolean {
    const judge = this.judgeOf(from);
    judge?.judge(result);
    return judge !== undefined;
  }

  /** True when another end reports its changes of state. */
  isReportedElsewhere(upstream: Upstream): boolean {
    const own = this.endOf(upstream);
    return this.before(upstream).some(
      (end) => end.checksBy() === own?.checksBy() && end.ejectsBy() === own?.ejectsBy(),
    );
  }

  private judgeOf(from: Upstream): SharedEnd | undefined {
    const own = this.endOf(from);
    const judge = this.seats.find(({ end }) => end.isMember() && end.ejectsBy() === own?.ejectsBy())?.end;
    return judge === own ? undefined : judge;
  }

  /** As they are now: what they do may have some of them leave. */
  private others(from: Upstream): readonly SharedEnd[] {
    return this.seats.flatMap(({ end }) => (end.upstream === from ? [] : [end]));
  }

  private endOf(upstream: Upstream): SharedEnd | undefined {
    return this.seats.find(({ end }) => end.upstream === upstream)?.end;
  }

  private before(upstream: Upstream): readonly SharedEnd[] {
    const at = this.seats.findIndex(({ end }) => end.upstream === upstream);
    return this.seats.slice(0, Math.max(0, at)).map(({ end }) => end);
  }
}

/** Has upstreams that are new in a pool share the backends of others' at the same address, those of the same names first. */
export function shareBackends(fresh: readonly SharedEnd[], others: readonly SharedEnd[]): void {
  if (fresh.length === 0 || others.length === 0) return;
  const at = new Map<string, SharedEnd[]>();
  for (const other of others) {
    const { address } = other.upstream;
    const known = at.get(address);
    if (known) known.push(other);
    else at.set(address, [other]);
  }
  const left = fresh.filter((end) => !share(end, at, isSameName));
  for (const end of left) if (!share(end, at, (other) => other.pool === end.pool)) share(end, at, () => true);
}

function share(
  end: SharedEnd,
  at: ReadonlyMap<string, readonly SharedEnd[]>,
  fits: (other: SharedEnd, end: SharedEnd) => boolean,
): boolean {
  const other = at.get(end.upstream.address)?.find((other) => {
    const { backend } = other.upstream;
    return fits(other, end) && backend?.hasEndOf(end.owner) !== true;
  });
  if (!other) return false;
  if (!other.upstream.backend) new SharedBackend().join(other);
  other.upstream.backend?.join(end);
  return true;
}

const isSameName = (one: SharedEnd, other: SharedEnd): boolean =>
  one.pool === other.pool && one.upstream.name === other.upstream.name;
