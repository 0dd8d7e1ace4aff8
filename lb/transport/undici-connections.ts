import { connect, type Socket } from "node:net";
import { Client } from "undici";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import { systemCode } from "../../runtime/errors.ts";
import type { ConnectionCounts, Target } from "./transport.ts";

/** One connection to an upstream: an undici client that never has more than one request. */
export interface Connection {
  readonly client: Client;
  /** Answers that came over the socket it has now. */
  served: number;
  /** Ends it at once, also while it is only being opened. */
  destroy(): void;
}

/** The connections to all upstreams: those in use are only counted, the idle ones are kept in a stack for each. */
export interface ConnectionStore {
  /** The idle connection used last, or a new one, not yet connected. */
  take(target: Target): Connection;
  /** Keeps a connection for the next request; for `announcedMs` at most, if its upstream said how long it waits. */
  park(connection: Connection, announcedMs: number | undefined): void;
  /** Closes a connection that was taken, at once. */
  discard(connection: Connection): void;
  counts(target: Target): ConnectionCounts;
  forget(target: Target): void;
  close(): void;
}

interface Place {
  readonly target: Target;
  readonly idle: { readonly connection: Connection; readonly until: number }[];
  active: number;
  reuses: number;
}

/** How often connections that have idled too long are looked for; one that is asked for is checked exactly. */
const SWEEP_MS = 1000;

/** Taken off what an upstream announces, for the request that is on its way when the upstream closes. */
const ANNOUNCED_MARGIN_MS = 1000;

/** undici's own timers are never to fire: this is as long as a node timer can wait. */
const NEVER_MS = 2 ** 31 - 1;

export function createConnectionStore(clock: Clock, idleMs: number): ConnectionStore {
  const places = new Map<string, Place>();
  const homes = new WeakMap<Connection, Place>();
  let cancelSweep: Cancel | undefined;

  function placeOf(target: Target): Place {
    const key = `${target.host}:${target.port}`;
    let place = places.get(key);
    if (!place) places.set(key, (place = { target, idle: [], active: 0, reuses: 0 }));
    return place;
  }

  function sweep() {
    cancelSweep = undefined;
    const now = clock.now();
    let left = 0;
    for (const { idle } of places.values()) {
      // Last used, last in the stack: the oldest are at its bottom, but announced times differ.
      for (let i = idle.length - 1; i >= 0; i--) {
        const entry = idle[i];
        if (!entry || entry.until > now) continue;
        idle.splice(i, 1);
        entry.connection.destroy();
      }
      left += idle.length;
    }
    if (left > 0) cancelSweep = clock.after(SWEEP_MS, sweep);
  }

  function open(place: Place): Connection {
    const { host, port } = place.target;
    let socket: Socket | undefined;
    const client = new Client(`http://${host.includes(":") ? `[${host}]` : host}:${port}`, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: NEVER_MS,
      keepAliveMaxTimeout: NEVER_MS,
      // Lets no Keep-Alive of an upstream set undici's timer: `park` heeds it, on our clock.
      keepAliveTimeoutThreshold: -NEVER_MS,
      connect(_options, done) {
        connection.served = 0;
        const opening = openSocket(place.target, (error) =>
          error ? done(error, null) : done(null, opening),
        );
        socket = opening;
      },
    });
    const connection: Connection = {
      client,
      served: 0,
      destroy() {
        client.destroy(null, () => {});
        // undici would wait for a connection that is only being opened.
        socket?.destroy();
      },
    };
    client.on("disconnect", () => {
      const at = place.idle.findIndex((entry) => entry.connection === connection);
      if (at === -1) return;
      place.idle.splice(at, 1);
      connection.destroy();
    });
    homes.set(connection, place);
    return connection;
  }

  function release(connection: Connection): Place | undefined {
    const place = homes.get(connection);
    if (place) place.active -= 1;
    return place;
  }

  function dropIdle(place: Place) {
    for (const { connection } of place.idle.splice(0)) connection.destroy();
  }

  return {
    take(target) {
      const place = placeOf(target);
      place.active += 1;
      const now = clock.now();
      for (let entry = place.idle.pop(); entry; entry = place.idle.pop()) {
        if (entry.until > now) {
          place.reuses += 1;
          return entry.connection;
        }
        entry.connection.destroy();
      }
      return open(place);
    },
    park(connection, announcedMs = Infinity) {
      const place = release(connection);
      const keepMs = Math.min(idleMs, announcedMs - ANNOUNCED_MARGIN_MS);
      const known = place && places.get(`${place.target.host}:${place.target.port}`) === place;
      if (!known || keepMs <= 0) return connection.destroy();
      connection.served += 1;
      place.idle.push({ connection, until: clock.now() + keepMs });
      cancelSweep ??= clock.after(SWEEP_MS, sweep);
    },
    discard(connection) {
      release(connection);
      connection.destroy();
    },
    counts(target) {
      const place = places.get(`${target.host}:${target.port}`);
      return { idle: place?.idle.length ?? 0, active: place?.active ?? 0, reuses: place?.reuses ?? 0 };
    },
    forget(target) {
      const key = `${target.host}:${target.port}`;
      const place = places.get(key);
      places.delete(key);
      if (place) dropIdle(place);
    },
    close() {
      cancelSweep?.();
      for (const place of places.values()) dropIdle(place);
      places.clear();
    },
  };
}

function openSocket({ host, port }: Target, done: (error: Error | undefined) => void): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  let settled = false;
  const settle = (error?: Error) => {
    if (settled) return;
    settled = true;
    done(error);
  };
  socket.once("connect", () => settle());
  socket.on("error", settle);
  socket.once("close", () => settle(new Error("closed while connecting")));
  // undici 7.30 fails an assertion, and the process with it, when an answer that it has paused is reset and this
  // error's code is ECONNRESET (client-h1.js, onHttpSocketError). Under another code it fails the request alone.
  const destroySocket = socket.destroy.bind(socket);
  socket.destroy = (error) =>
    destroySocket(systemCode(error) === "ECONNRESET" ? new Error("connection reset by upstream") : error);
  return socket;
}
