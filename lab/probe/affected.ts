import type { ProbeRecord, ProbeRoute } from "./record.ts";

/** The routes on which users have fortunes of their own: calls of the dependent API are nobody's. */
const PLACE: Readonly<Record<ProbeRoute, number>> = { page: 0, account: 1, login: 2, api: -1 };
const ROUTES = 3;
/** The mark of what concerns no user. */
const NOBODYS = -1;

/**
 * Which users suffer. A user is affected in a window of 10 s when more than half of their requests to some route failed
 * in it. A user who sent none to a route in it keeps the verdict of the last window in which they did: who was locked out
 * and will try again in ten minutes is still locked out, and who read a page and will read the next in five minutes is not.
 */
export interface Verdicts {
  /** Users who are affected now. */
  readonly count: number;
  has(user: number): boolean;
  /** What a request says, in a number that is quicker to come by than the request. */
  markOf(record: ProbeRecord): number;
  /** One window more, by the marks of the requests that were sent in it, in any order. */
  judge(marks: Marks): void;
  /** Reads what judging these windows, one after the other, would come to, and forgets them again. */
  supposing<T>(windows: readonly Marks[], read: () => T): T;
}

/** Tells each mark, and gathers none: windows that are not settled yet are judged again and again. */
export type Marks = (tell: (mark: number) => void) => void;

export function createVerdicts(users: number): Verdicts {
  /** By user and route: whether the last verdict was against them. */
  const bad = new Uint8Array(users * ROUTES);
  const badRoutes = new Uint8Array(users);
  const sent = new Uint16Array(users * ROUTES);
  const failed = new Uint16Array(users * ROUTES);
  const touched: number[] = [];
  let count = 0;

  function turn(key: number): void {
    const user = Math.floor(key / ROUTES);
    const before = badRoutes[user] ?? 0;
    const worse = bad[key] === 0;
    bad[key] = worse ? 1 : 0;
    badRoutes[user] = worse ? before + 1 : before - 1;
    if (worse ? before === 0 : before === 1) count += worse ? 1 : -1;
  }

  function note(mark: number): void {
    if (mark === NOBODYS) return;
    const key = mark >> 1;
    const before = sent[key] ?? 0;
    if (before === 0) touched.push(key);
    sent[key] = before + 1;
    failed[key] = (failed[key] ?? 0) + (mark & 1);
  }

  /** Calls `turned` with each verdict that changes. */
  function judge(marks: Marks, turned?: (key: number) => void): void {
    marks(note);
    for (const key of touched) {
      const against = (failed[key] ?? 0) * 2 > (sent[key] ?? 0);
      sent[key] = 0;
      failed[key] = 0;
      if (against === (bad[key] === 1)) continue;
      turn(key);
      turned?.(key);
    }
    touched.length = 0;
  }

  return {
    get count() {
      return count;
    },
    has: (user) => (badRoutes[user] ?? 0) > 0,
    markOf({ user, route, result }) {
      const place = PLACE[route];
      if (place < 0 || user < 0 || user >= users) return NOBODYS;
      return 2 * (user * ROUTES + place) + (result === "ok" ? 0 : 1);
    },
    judge: (marks) => judge(marks),
    supposing(windows, read) {
      const changes: number[] = [];
      for (const marks of windows) judge(marks, (key) => changes.push(key));
      try {
        return read();
      } finally {
        for (const key of changes) turn(key);
      }
    },
  };
}
