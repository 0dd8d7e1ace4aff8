import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { ConnectionCounts } from "./transport.ts";
import type { Target } from "../address.ts";

/** What an engine keeps between requests. */
export interface Closable {
  /** Ends it at once, also while it is only being opened. */
  destroy(): void;
}

/** A connection, and the pool of those to its upstream. */
export interface PooledConnection<C extends Closable> {
  readonly connection: C;
  readonly pool: ConnectionPool<C>;
  /** When it will have idled for too long. */
  until: number;
}

interface ConnectionPool<C extends Closable> {
  readonly target: Target;
  readonly idle: PooledConnection<C>[];
  active: number;
  reuses: number;
  /** Its upstream has left the configuration: nothing is kept any more. */
  forgotten: boolean;
}

/** The connections to all upstreams: those in use are only counted, the idle ones are kept in a stack for each. */
export interface ConnectionStore<C extends Closable> {
  /** The idle connection used last, or a new one, not yet connected. */
  take(target: Target): PooledConnection<C>;
  /** Another one for a connection that was taken and found broken before anything was sent on it. */
  replace(pooled: PooledConnection<C>): PooledConnection<C>;
  /** Keeps a connection for the next request; for `announcedMs` at most, if its upstream announced how long it waits. */
  release(pooled: PooledConnection<C>, announcedMs: number | undefined): void;
  /** Closes a connection that was taken, at once. */
  discard(pooled: PooledConnection<C>): void;
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

/** After which an idle connection to an upstream is closed, where nobody says otherwise. */
export const IDLE_MS = 30_000;

/** How often connections that have idled too long are looked for; the time of one that is taken is checked exactly. */
const SWEEP_MS = 1000;

/** Taken off what an upstream announces, for the request that is on its way when the upstream closes. */
const ANNOUNCED_MARGIN_MS = 1000;

export function createConnectionStore<C extends Closable>({
  clock,
  idleMs,
  open,
}: ConnectionStoreDeps<C>): ConnectionStore<C> {
  const pools = new Map<string, ConnectionPool<C>>();
  let cancelSweep: Cancel | undefined;

  const keyOf = ({ host, port }: Target) => `${host}:${port}`;

  function poolOf(target: Target): ConnectionPool<C> {
    const key = keyOf(target);
    let pool = pools.get(key);
    if (!pool) pools.set(key, (pool = { target, idle: [], active: 0, reuses: 0, forgotten: false }));
    return pool;
  }

  function sweep() {
    cancelSweep = undefined;
    const now = clock.now();
    let left = 0;
    for (const { idle } of pools.values()) {
      // Last used, last in the stack: the oldest are at its bottom, but announced times differ.
      for (let i = idle.length - 1; i >= 0; i--) {
        const pooled = idle[i];
        if (!pooled || pooled.until > now) continue;
        idle.splice(i, 1);
        pooled.connection.destroy();
      }
      left += idle.length;
    }
    if (left > 0) cancelSweep = clock.after(SWEEP_MS, sweep);
  }

  function takeFrom(pool: ConnectionPool<C>): PooledConnection<C> {
    pool.active += 1;
    const now = clock.now();
    for (let pooled = pool.idle.pop(); pooled; pooled = pool.idle.pop()) {
      if (pooled.until > now) {
        pool.reuses += 1;
        return pooled;
      }
      pooled.connection.destroy();
    }
    const connection = open(pool.target, () => {
      const at = pool.idle.indexOf(pooled);
      if (at === -1) return;
      pool.idle.splice(at, 1);
      connection.destroy();
    });
    const pooled: PooledConnection<C> = { connection, pool, until: 0 };
    return pooled;
  }

  function discard({ connection, pool }: PooledConnection<C>) {
    pool.active -= 1;
    connection.destroy();
  }

  function abandon(pool: ConnectionPool<C>) {
    pool.forgotten = true;
    for (const { connection } of pool.idle.splice(0)) connection.destroy();
  }

  return {
    take: (target) => takeFrom(poolOf(target)),
    replace(pooled) {
      discard(pooled);
      pooled.pool.reuses -= 1;
      return takeFrom(pooled.pool);
    },
    release(pooled, announcedMs = Infinity) {
      const { pool, connection } = pooled;
      pool.active -= 1;
      const keepMs = Math.min(idleMs, announcedMs - ANNOUNCED_MARGIN_MS);
      if (pool.forgotten || keepMs <= 0) return connection.destroy();
      pooled.until = clock.now() + keepMs;
      pool.idle.push(pooled);
      cancelSweep ??= clock.after(SWEEP_MS, sweep);
    },
    discard,
    counts(target) {
      const pool = pools.get(keyOf(target));
      return { idle: pool?.idle.length ?? 0, active: pool?.active ?? 0, reuses: pool?.reuses ?? 0 };
    },
    forget(target) {
      const pool = pools.get(keyOf(target));
      pools.delete(keyOf(target));
      if (pool) abandon(pool);
    },
    close() {
      cancelSweep?.();
      cancelSweep = undefined;
      for (const pool of pools.values()) abandon(pool);
      pools.clear();
    },
  };
}
