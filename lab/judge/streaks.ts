import type { Workload } from "../../scenarios/scenario.ts";
import { LONGEST_PAUSE } from "../probe/schedule.ts";
import { showsSession, type ProbeRecord, type ProbeRoute } from "../probe/record.ts";

/** Routes whose failures are counted for each user. */
const ROUTES: readonly ProbeRoute[] = ["page", "account", "login"];
const LOGIN = ROUTES.indexOf("login");
/** So many failures in a row, and no request after them that succeeded: no chance, while all others are well. */
const HURT_AFTER = 3;

/** Users by the outcomes of their last requests to some route, all sent after a moment. */
export interface Fates {
  /** The last three requests or more all failed. */
  readonly hurt: number;
  /** All of their requests failed, but there were fewer than three. */
  readonly undecided: number;
  /** The routes that these users are hurt or undecided on. */
  readonly routes: readonly ProbeRoute[];
}

/**
 * Each user's last failures on each route since a request to it succeeded, in the order of sending, however late they
 * end: they show a user who is hurt for good where no ratio does.
 */
export interface Streaks {
  add(records: readonly ProbeRecord[]): void;
  /** By requests sent after this moment (epoch ms). */
  fatesSince(since: number): Fates;
}

export function createStreaks(users: number): Streaks {
  const keys = users * ROUTES.length;
  const succeededAt = new Float64Array(keys).fill(-Infinity);
  /** The last failures after that, oldest first, by key: -Infinity where there are fewer. */
  const failedAt = new Float64Array(keys * HURT_AFTER).fill(-Infinity);
  const failing = new Set<number>();

  function succeeded(key: number, at: number): void {
    if (at <= (succeededAt[key] ?? 0)) return;
    succeededAt[key] = at;
    if (!failing.has(key)) return;
    const first = key * HURT_AFTER;
    for (let i = first; i < first + HURT_AFTER; i++) if ((failedAt[i] ?? 0) <= at) failedAt[i] = -Infinity;
    if (failedAt[first + HURT_AFTER - 1] === -Infinity) failing.delete(key);
  }

  function failed(key: number, at: number): void {
    const first = key * HURT_AFTER;
    if (at <= (succeededAt[key] ?? 0) || at <= (failedAt[first] ?? 0)) return;
    failing.add(key);
    // In order: what is older than the three last ones falls out at the front.
    let place = first;
    for (; place < first + HURT_AFTER - 1 && (failedAt[place + 1] ?? 0) < at; place++)
      failedAt[place] = failedAt[place + 1] ?? -Infinity;
    failedAt[place] = at;
  }

  return {
    add(records) {
      for (const record of records) {
        const { user, route, result, sentAt } = record;
        const place = ROUTES.indexOf(route);
        if (place < 0 || user < 0 || user >= users) continue;
        const first = user * ROUTES.length;
        if (result === "ok") succeeded(first + place, sentAt);
        else failed(first + place, sentAt);
        if (showsSession(record)) succeeded(first + LOGIN, sentAt);
      }
    },
    fatesSince(since) {
      const hurt = new Set<number>();
      const undecided = new Set<number>();
      const places = new Set<number>();
      for (const key of failing) {
        const first = key * HURT_AFTER;
        const decided = (failedAt[first] ?? 0) >= since;
        const open = (failedAt[first + HURT_AFTER - 1] ?? 0) >= since && (succeededAt[key] ?? 0) < since;
        if (!decided && !open) continue;
        (decided ? hurt : undecided).add(Math.floor(key / ROUTES.length));
        places.add(key % ROUTES.length);
      }
      return {
        hurt: hurt.size,
        undecided: undecided.size,
        routes: ROUTES.filter((_, place) => places.has(place)),
      };
    },
  };
}

/** How long a verdict on any user takes at most: to send as many requests to any route that they use, and to time out on the last. */
export function decisionTakes({ users }: Pick<Workload, "users">, requestTimeoutMs: number): number {
  const { login, visitEveryMs } = users;
  // With a session every second visit is to the account.
  const visits = visitEveryMs * LONGEST_PAUSE * (login ? 2 : 1);
  const logins = login ? (login.backOff?.atMostMs ?? login.retryEveryMs) * (1 + login.retryJitter) : 0;
  return HURT_AFTER * Math.max(visits, logins) + requestTimeoutMs;
}
