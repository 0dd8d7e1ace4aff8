import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { ConnectionCounts } from "./transport.ts";
import type { Target } from "../address.ts";

/** What an engine keeps between requests. */
export interface Closable {
  /** Ends it at once, also while it is only being opened. */
  destroy(): void;
}

/** A connection's place among those to its upstream. */
export interface Berth<C extends Closable> {
  readonly connection: C;
  readonly place: Place<C>;
  /** When it will have idled for too long. */
  until: number;
}

interface Place<C extends Closable> {
  readonly target: Target;
  readonly idle: Berth<C>[];
  active: number;
  reuses: number;
  /** Its upstream has left the configuration: nothing is kept any more. */
  forgotten: boolean;
}

/** The connections to all upstreams: those in use are only counted, the idle ones are kept in a stack for each. */
export interface ConnectionStore<C extends Closable> {
  /** The idle connection used last, or a new one, not yet connected. */
  take(target: Target): Berth<C>;
  /** Another one for a connection that was taken and found broken before anything was sent on it. */
  replace(berth: Berth<C>): Berth<C>;
  /** Keeps a connection for the next request; for `announcedMs` at most, if its upstream said how long it waits. */
  park(berth: Berth<C>, announcedMs: number | undefined): void;
  /** Closes a connection that was taken, at once. */
  discard(berth: Berth<C>): void;
  counts(target: Target): ConnectionCounts;
  forget(target: Target): void;
  close(): void;
}

export interface ConnectionStoreDeps<C extends Closable> {
  readonly clock: Clock;
  /** After which an idle connection is closed. */
  readonly idleMs: number;
  /** Begins to open one. `broken` is to be called if it ends by itself while it idles. */
  open(target: Target, broken: () => void): C;
}

/** How often connections that have idled too long are looked for; one that is asked for is checked exactly. */
const SWEEP_MS = 1000;

/** Taken off what an upstream announces, for the request that is on its way when the upstream closes. */
const ANNOUNCED_MARGIN_MS = 1000;

export function createConnectionStore<C extends Closable>({
  clock,
  idleMs,
  open,
}: ConnectionStoreDeps<C>): ConnectionStore<C> {
  const places = new Map<string, Place<C>>();
  let cancelSweep: Cancel | undefined;

  const keyOf = ({ host, port }: Target) => `${host}:${port}`;

  function placeOf(target: Target): Place<C> {
    const key = keyOf(target);
    let place = places.get(key);
    if (!place) places.set(key, (place = { target, idle: [], active: 0, reuses: 0, forgotten: false }));
    return place;
  }

  function sweep() {
    cancelSweep = undefined;
    const now = clock.now();
    let left = 0;
    for (const { idle } of places.values()) {
      // Last used, last in the stack: the oldest are at its bottom, but announced times differ.
      for (let i = idle.length - 1; i >= 0; i--) {
        const berth = idle[i];
        if (!berth || berth.until > now) continue;
        idle.splice(i, 1);
        berth.connection.destroy();
      }
      left += idle.length;
    }
    if (left > 0) cancelSweep = clock.after(SWEEP_MS, sweep);
  }

  function takeFrom(place: Place<C>): Berth<C> {
    place.active += 1;
    const now = clock.now();
    for (let berth = place.idle.pop(); berth; berth = place.idle.pop()) {
      if (berth.until > now) {
        place.reuses += 1;
        return berth;
      }
      berth.connection.destroy();
    }
    const connection = open(place.target, () => {
      const at = place.idle.indexOf(berth);
      if (at === -1) return;
      place.idle.splice(at, 1);
      connection.destroy();
    });
    const berth: Berth<C> = { connection, place, until: 0 };
    return berth;
  }

  function discard({ connection, place }: Berth<C>) {
    place.active -= 1;
    connection.destroy();
  }

  function abandon(place: Place<C>) {
    place.forgotten = true;
    for (const { connection } of place.idle.splice(0)) connection.destroy();
  }

  return {
    take: (target) => takeFrom(placeOf(target)),
    replace(berth) {
      discard(berth);
      berth.place.reuses -= 1;
      return takeFrom(berth.place);
    },
    park(berth, announcedMs = Infinity) {
      const { place, connection } = berth;
      place.active -= 1;
      const keepMs = Math.min(idleMs, announcedMs - ANNOUNCED_MARGIN_MS);
      if (place.forgotten || keepMs <= 0) return connection.destroy();
      berth.until = clock.now() + keepMs;
      place.idle.push(berth);
      cancelSweep ??= clock.after(SWEEP_MS, sweep);
    },
    discard,
    counts(target) {
      const place = places.get(keyOf(target));
      return { idle: place?.idle.length ?? 0, active: place?.active ?? 0, reuses: place?.reuses ?? 0 };
    },
    forget(target) {
      const place = places.get(keyOf(target));
      places.delete(keyOf(target));
      if (place) abandon(place);
    },
    close() {
      cancelSweep?.();
      cancelSweep = undefined;
      for (const place of places.values()) abandon(place);
      places.clear();
    },
  };
}
