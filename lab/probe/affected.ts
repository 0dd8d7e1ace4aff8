import { showsSession, type ProbeRecord, type ProbeRoute } from "./record.ts";

/** The routes on which users are judged: calls of the dependent API belong to no user. */
const PLACE: Readonly<Record<ProbeRoute, number>> = { page: 0, account: 1, login: 2, api: -1 };
const ROUTES = 3;
/** The mark of a request that belongs to no user. */
const NO_USER = -1;
/** Bits of a mark, below its key. */
const FAILED = 1;
const SHOWS_SESSION = 2;
const KEY_SHIFT = 2;

/**
 * Which users are affected. A user is affected in a window of 10 s when more than half of their requests to some route failed
 * in it. A user who sends none to that route in the next windows stays affected when the last of those requests failed,
 * too: a user who was locked out and will retry in ten minutes is still locked out; one who has signed in at last is not,
 * nor is one who has seen their account since, though reading it had failed when they signed in.
 */
export interface Verdicts {
  /** Users who are affected now. */
  readonly count: number;
  has(user: number): boolean;
  /** A request's user, route and result in a number that is quicker to read than the request. */
  markOf(record: ProbeRecord): number;
  /** One window more, by the marks of the requests that were sent in it, oldest first. */
  judge(marks: Marks): void;
  /** Calls `read` as if these windows had been judged, one after the other, and takes them back. */
  supposing<T>(windows: readonly Marks[], read: () => T): T;
}

/** Passes each mark on and gathers none: windows that are not settled yet are judged again and again. */
export type Marks = (each: (mark: number) => void) => void;

export function createVerdicts(users: number): Verdicts {
  /** By user and route: whether the last verdict was against them. */
  const bad = new Uint8Array(users * ROUTES);
  const badRoutes = new Uint8Array(users);
  const counts = createWindowCounts(users * ROUTES);
  /** Verdicts of the last window that end with it: its last request succeeded. Replaced, never changed. */
  let passing: readonly number[] = [];
  let count = 0;

  function turn(key: number): void {
    const user = Math.floor(key / ROUTES);
    const before = badRoutes[user] ?? 0;
    const worse = bad[key] === 0;
    bad[key] = worse ? 1 : 0;
    badRoutes[user] = worse ? before + 1 : before - 1;
    if (worse ? before === 0 : before === 1) count += worse ? 1 : -1;
  }

  /** Calls `turned` with each verdict that changes. */
  function judge(marks: Marks, turned?: (key: number) => void): void {
    const turnTo = (against: boolean, key: number): void => {
      if (against === (bad[key] === 1)) return;
      turn(key);
      turned?.(key);
    };
    for (const key of passing) turnTo(false, key);
    const ending: number[] = [];
    marks(counts.note);
    counts.take((key, against, lastFailed) => {
      turnTo(against, key);
      if (against && !lastFailed) ending.push(key);
    });
    passing = ending;
  }

  return {
    get count() {
      return count;
    },
    has: (user) => (badRoutes[user] ?? 0) > 0,
    markOf(record) {
      const { user, route, result } = record;
      const place = PLACE[route];
      if (place < 0 || user < 0 || user >= users) return NO_USER;
      const key = user * ROUTES + place;
      return (key << KEY_SHIFT) | (result === "ok" ? 0 : FAILED) | (showsSession(record) ? SHOWS_SESSION : 0);
    },
    judge: (marks) => judge(marks),
    supposing(windows, read) {
      const changes: number[] = [];
      const before = passing;
      for (const marks of windows) judge(marks, (key) => changes.push(key));
      try {
        return read();
      } finally {
        for (const key of changes) turn(key);
        passing = before;
      }
    },
  };
}

/** One window's requests by user and route. */
interface WindowCounts {
  /** Counts the request of a mark. */
  readonly note: (mark: number) => void;
  /** Reports each key that was noted: whether more than half of its requests failed, and whether the last did. Counts anew. */
  readonly take: (report: (key: number, against: boolean, lastFailed: boolean) => void) => void;
}

function createWindowCounts(keys: number): WindowCounts {
  const sent = new Uint16Array(keys);
  const failed = new Uint16Array(keys);
  const lastFailed = new Uint8Array(keys);
  const isTouched = new Uint8Array(keys);
  const touched: number[] = [];

  function touch(key: number): void {
    if (isTouched[key] === 1) return;
    isTouched[key] = 1;
    touched.push(key);
  }

  return {
    note(mark) {
      if (mark === NO_USER) return;
      const key = mark >> KEY_SHIFT;
      touch(key);
      sent[key] = (sent[key] ?? 0) + 1;
      failed[key] = (failed[key] ?? 0) + (mark & FAILED);
      lastFailed[key] = mark & FAILED;
      if ((mark & SHOWS_SESSION) === 0) return;
      const login = key - PLACE.account + PLACE.login;
      touch(login);
      lastFailed[login] = 0;
    },
    take(report) {
      for (const key of touched) {
        const against = (failed[key] ?? 0) * 2 > (sent[key] ?? 0);
        sent[key] = 0;
        failed[key] = 0;
        isTouched[key] = 0;
        report(key, against, lastFailed[key] !== 0);
      }
      touched.length = 0;
    },
  };
}
