import type { Clock } from "../runtime/clock.ts";
import { createHeap, type HeapEntry } from "../runtime/heap.ts";
import type { Random } from "../runtime/random.ts";

/** The sessions of one auth server, only in its memory: they end with the process. */
export interface Sessions {
  /** A new session's token: letters and digits, never one that an earlier process with the same seed issued. */
  create(user: string): string;
  /** The session's user; undefined when it is unknown or has expired. */
  get(token: string): string | undefined;
  /** Sessions that have not expired. */
  count(): number;
}

export interface SessionsConfig {
  /** Mean of the exponentially distributed lifetime. */
  readonly meanSeconds: number;
  /** At this many the oldest is evicted. Default 100,000. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100_000;

interface Session extends HeapEntry {
  readonly token: string;
  readonly user: string;
  readonly serial: number;
  readonly expiresAt: number;
}

const expiresEarlier = (a: Session, b: Session): boolean =>
  a.expiresAt === b.expiresAt ? a.serial < b.serial : a.expiresAt < b.expiresAt;

export function createSessions(
  { meanSeconds, limit = DEFAULT_LIMIT }: SessionsConfig,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Sessions {
  /** Oldest first. */
  const sessions = new Map<string, Session>();
  const byExpiry = createHeap<Session>(expiresEarlier);
  // The same seed draws the same numbers after a restart: without its start in it, an old token could open a new
  // session of another user.
  const prefix = `${clock.wall().toString(36)}x`;
  let serial = 0;

  function remove(session: Session): void {
    sessions.delete(session.token);
    byExpiry.remove(session);
  }

  function removeExpired(): void {
    const now = clock.now();
    for (let next = byExpiry.first(); next && next.expiresAt <= now; next = byExpiry.first()) remove(next);
  }

  function makeRoom(): void {
    removeExpired();
    if (sessions.size < limit) return;
    for (const oldest of sessions.values()) {
      remove(oldest);
      break;
    }
  }

  return {
    create(user) {
      makeRoom();
      const token = `${prefix}${serial.toString(36)}x${random.below(0x100000000).toString(36)}`;
      const expiresAt = clock.now() + random.exponential(meanSeconds * 1000);
      const session: Session = { token, user, serial: serial++, expiresAt, slot: -1 };
      sessions.set(token, session);
      byExpiry.add(session);
      return token;
    },
    get(token) {
      const session = sessions.get(token);
      return session !== undefined && session.expiresAt > clock.now() ? session.user : undefined;
    },
    count() {
      removeExpired();
      return sessions.size;
    },
  };
}
