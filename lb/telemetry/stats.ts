import type { Clock } from "../../runtime/clock.ts";
import type { Observer, RequestRecord, UpstreamState } from "../balancer.ts";
import type { AttemptResult } from "../outcome.ts";
import { createRateMeter } from "./rate-meter.ts";

/** What has happened on a listener, in a pool or to an upstream since it is known, counted as HAProxy counts it. */
export interface Tally {
  /** Requests; of an upstream: attempts. */
  readonly total: number;
  /** Of the last whole second. */
  readonly rate: number;
  readonly rateMax: number;
  /** Answers that clients got, by their class: 1xx to 5xx, and others. Of an upstream: its own. */
  readonly answers: readonly number[];
  /** Requests that got no connection, in the end. */
  readonly connectErrors: number;
  /** Attempts that got a connection and no whole answer. */
  readonly responseErrors: number;
  /** Attempts after the first, but for those made elsewhere because there was no connection. */
  readonly retries: number;
  /** Attempts that followed one at another upstream. */
  readonly redispatches: number;
  /** Times that it was picked: a retry at the same upstream is none. */
  readonly picks: number;
  /** Requests that were refused for their form, or came too slowly. */
  readonly badRequests: number;
  /** Requests whose client, or whose upstream in the middle of its answer, left. */
  readonly clientAborts: number;
  readonly serverAborts: number;
  /** Of an upstream: times that it went DOWN, MAINT or EJECTED, how long it was so, and since when it is as it is. */
  readonly downs: number;
  readonly downMs: number;
  readonly changedMs: number;
}

/** Counts for the statistics page, as HAProxy keeps them. Begins anew only with what a configuration brings anew. */
export interface Stats extends Observer {
  listener(name: string): Tally;
  pool(name: string): Tally;
  upstream(pool: string, name: string): Tally;
}

export function createStats({ clock }: { readonly clock: Clock }): Stats {
  const listeners = createCounters(clock);
  const pools = createCounters(clock);
  let upstreams = new Map<string, Counters>();

  return {
    listener: (name) => listeners.read(name),
    pool: (name) => pools.read(name),
    upstream: (pool, name) => (upstreams.get(pool) ?? createCounters(clock)).read(name),
    request(record) {
      const listener = listeners.get(record.listener);
      listener?.request(record);
      if (record.flag === "DR" && record.pool === "-") listener?.add("badRequests");
      const pool = pools.get(record.pool);
      if (pool) countInPool(record, pool, upstreams.get(record.pool));
    },
    attempt(pool, upstream) {
      upstreams.get(pool)?.get(upstream)?.sent();
    },
    retry() {},
    retryDenied() {},
    check() {},
    upstreamState(pool, upstream, state) {
      upstreams.get(pool)?.state(upstream, state);
    },
    ejected() {},
    configured(config) {
      listeners.keep(config.listeners.map(({ name }) => name));
      pools.keep(Object.keys(config.pools));
      const kept = new Map<string, Counters>();
      for (const [pool, { upstreams: members }] of Object.entries(config.pools)) {
        const counters = upstreams.get(pool) ?? createCounters(clock);
        counters.keep(members.map(({ name }) => name));
        kept.set(pool, counters);
      }
      upstreams = kept;
    },
  };
}

/**
 * HAProxy's rules. `econ` is a request that got no connection in the end; an attempt that got none and was followed by another
 * is `wretr`, or `wredis` when that one went elsewhere. An attempt that failed later is `eresp` in any case, and `wretr` when it
 * was repeated, and then `wredis` as well when elsewhere.
 */
function countInPool(record: RequestRecord, pool: Counter, upstreams: Counters | undefined): void {
  const { attempts, flag } = record;
  pool.request(record);
  for (let i = 0; i < attempts.length; i++) countAttempt(record, i, pool, upstreams);
  if (attempts.length > 0) return;
  if (flag === "UH" || flag === "UO") pool.add("connectErrors");
  if (flag === "DC") pool.add("clientAborts");
}

/** One of a request's attempts, at its upstream and in its pool. */
function countAttempt(
  record: RequestRecord,
  index: number,
  pool: Counter,
  upstreams: Counters | undefined,
): void {
  const { attempts, origin, state } = record;
  const attempt = attempts[index];
  if (!attempt) return;
  const { upstream, result } = attempt;
  const own = upstreams?.get(upstream);
  if (attempts[index - 1]?.upstream !== upstream) addTo(own, pool, "picks");
  if (NO_ANSWER.has(result)) addTo(own, pool, "responseErrors");
  const next = attempts[index + 1];
  if (next) {
    const moved = next.upstream !== upstream;
    if (!moved || !NO_CONNECTION.has(result)) addTo(own, pool, "retries");
    if (moved) addTo(own, pool, "redispatches");
    return;
  }
  if (NO_CONNECTION.has(result)) addTo(own, pool, "connectErrors");
  if (result === "cut") addTo(own, pool, "serverAborts");
  if (result === "client-left") addTo(own, pool, "clientAborts");
  // An answer of the balancer's own is none of the upstream's; one that was broken off is.
  if (origin === "upstream" || state[1] === "D") own?.answer(record);
}

function addTo(own: Counter | undefined, pool: Counter, what: Count): void {
  own?.add(what);
  pool.add(what);
}

const NO_CONNECTION: ReadonlySet<AttemptResult> = new Set([
  "refused",
  "unreachable",
  "exhausted",
  "connect-timeout",
]);
const NO_ANSWER: ReadonlySet<AttemptResult> = new Set(["reset", "invalid", "timeout", "cut"]);

interface Counters {
  /** Undefined for what the configuration does not have. */
  get(name: string): Counter | undefined;
  /** It is in this state now. */
  state(name: string, state: UpstreamState): void;
  read(name: string): Tally;
  keep(names: readonly string[]): void;
}

/** Counters that are made when they are first needed: of thousands of upstreams most are idle. */
function createCounters(clock: Clock): Counters {
  /** By name, since when. */
  let known = new Map<string, number>();
  const counters = new Map<string, Counter>();
  /** Those whose first state is still to come: to begin in it is no change. */
  const fresh = new Set<string>();

  function get(name: string): Counter | undefined {
    const counter = counters.get(name);
    const since = known.get(name);
    if (counter || since === undefined) return counter;
    const made = createCounter(clock, since);
    counters.set(name, made);
    return made;
  }
  return {
    get,
    state(name, state) {
      const first = fresh.delete(name);
      if (!first || state !== "UP") get(name)?.state(state, first);
    },
    read: (name) => (counters.get(name) ?? createCounter(clock, known.get(name) ?? clock.now())).read(),
    keep(names) {
      const now = clock.now();
      for (const name of names) if (!known.has(name)) fresh.add(name);
      known = new Map(names.map((name) => [name, known.get(name) ?? now]));
      for (const name of counters.keys()) if (!known.has(name)) counters.delete(name);
    },
  };
}

type Count =
  | "connectErrors"
  | "responseErrors"
  | "retries"
  | "redispatches"
  | "picks"
  | "badRequests"
  | "clientAborts"
  | "serverAborts";

interface Counter {
  request(record: RequestRecord): void;
  /** An attempt has ended. */
  sent(): void;
  answer(record: RequestRecord): void;
  add(what: Count): void;
  /** `first`: it was in none before. */
  state(state: UpstreamState, first: boolean): void;
  read(): Tally;
}

function createCounter(clock: Clock, since: number): Counter {
  const requests = createRateMeter(clock);
  const answers = [0, 0, 0, 0, 0, 0];
  const counts: Record<Count, number> = {
    connectErrors: 0,
    responseErrors: 0,
    retries: 0,
    redispatches: 0,
    picks: 0,
    badRequests: 0,
    clientAborts: 0,
    serverAborts: 0,
  };
  let state: UpstreamState = "UP";
  let changedAt = since;
  let [downs, downMs] = [0, 0];

  function answer({ status, flag, state }: RequestRecord): void {
    // A client that left before its answer began has got none.
    if (flag === "DC" && state[1] !== "D") return;
    const kind = Math.floor(status / 100);
    const index = kind >= 1 && kind <= 5 ? kind - 1 : 5;
    answers[index] = (answers[index] ?? 0) + 1;
  }
  return {
    request(record) {
      requests.count();
      answer(record);
    },
    sent: () => requests.count(),
    answer,
    add: (what) => void (counts[what] += 1),
    state(now, first) {
      const at = clock.now();
      if (AWAY.has(state)) downMs += at - changedAt;
      else if (AWAY.has(now) && !first) downs += 1;
      [state, changedAt] = [now, at];
    },
    read() {
      const changedMs = clock.now() - changedAt;
      return {
        ...requests.read(),
        ...counts,
        answers: [...answers],
        downs,
        downMs: AWAY.has(state) ? downMs + changedMs : downMs,
        changedMs,
      };
    },
  };
}

const AWAY: ReadonlySet<UpstreamState> = new Set(["DOWN", "MAINT", "EJECTED"]);
