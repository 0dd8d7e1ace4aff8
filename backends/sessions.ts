import type { Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";

/** The sessions of one auth server, in its memory and nowhere else: they end with the process. */
export interface Sessions {
  /** A new session's token: letters and digits, never one that an earlier process on the same seed gave out. */
  create(user: string): string;
  /** Whose session it is; undefined when it is unknown or has expired. */
  get(token: string): string | undefined;
  /** Sessions that have not expired. */
  count(): number;
}

export interface SessionsConfig {
  /** Mean of the exponentially distributed lifetime. */
  readonly meanSeconds: number;
  /** At this many the oldest makes room. Default 100,000. */
  readonly limit?: number;
}

const DEFAULT_LIMIT = 100_000;
const SMALLEST_SWEEP = 1024;

export function createSessions(
  { meanSeconds, limit = DEFAULT_LIMIT }: SessionsConfig,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Sessions {
  const sessions = new Map<string, { readonly user: string; readonly expiresAt: number }>();
  // The same seed draws the same numbers after a restart: without its start in it, an old token could open a new
  // session of somebody else.
  const prefix = `${clock.wall().toString(36)}x`;
  let serial = 0;
  let sweepAt = Math.min(limit, SMALLEST_SWEEP);

  function sweep(): void {
    const now = clock.now();
    // Not by its entries: an array would be made for each, and every scrape asks.
    sessions.forEach(({ expiresAt }, token) => {
      if (expiresAt <= now) sessions.delete(token);
    });
  }

  /** Sweeping only when the number has doubled since the last time keeps the cost of a login constant. */
  function makeRoom(): void {
    if (sessions.size < sweepAt) return;
    sweep();
    sweepAt = Math.min(limit, Math.max(SMALLEST_SWEEP, 2 * sessions.size));
    if (sessions.size < limit) return;
    for (const [oldest] of sessions) {
      sessions.delete(oldest);
      break;
    }
  }

  return {
    create(user) {
      makeRoom();
      const token = `${prefix}${(serial++).toString(36)}x${random.below(0x100000000).toString(36)}`;
      sessions.set(token, { user, expiresAt: clock.now() + random.exponential(meanSeconds * 1000) });
      return token;
    },
    get(token) {
      const session = sessions.get(token);
      return session !== undefined && session.expiresAt > clock.now() ? session.user : undefined;
    },
    count() {
      sweep();
      return sessions.size;
    },
  };
}
