import type { Clock } from "../runtime/clock.ts";
import type { Observer, RequestRecord } from "./balancer.ts";
import type { TryResult } from "./outcome.ts";

/** What has happened on a listener, in a pool or to an upstream since it is known. */
export interface Tally {
  readonly total: number;
  /** Of the last whole second. */
  readonly rate: number;
  readonly rateMax: number;
  /** Answers by their class: 1xx to 5xx, and others. */
  readonly answers: readonly number[];
  /** Tries that got no connection. */
  readonly connectErrors: number;
  /** Tries that got a connection and no whole answer. */
  readonly responseErrors: number;
  /** Tries that were followed by another. */
  readonly retries: number;
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
  const find = (counter: Counter | undefined): Tally => (counter ?? createCounter(clock)).read();

  return {
    listener: (name) => find(listeners.get(name)),
    pool: (name) => find(pools.get(name)),
    upstream: (pool, name) => find(upstreams.get(pool)?.get(name)),
    request(record) {
      listeners.get(record.listener)?.request(record);
      const pool = pools.get(record.pool);
      const ofPool = upstreams.get(record.pool);
      pool?.request(record);
      const { tries } = record;
      const last = tries.length - 1;
      for (let i = 0; i < last; i++) ofPool?.get(tries[i]?.upstream ?? "")?.retried();
      if (last >= 0) ofPool?.get(tries[last]?.upstream ?? "")?.answer(record);
      if (last > 0) pool?.retried(last);
    },
    attempt(pool, upstream, result) {
      upstreams.get(pool)?.get(upstream)?.attempt(result);
      pools.get(pool)?.failed(result);
    },
    retry() {},
    retryDenied() {},
    check() {},
    upstreamState() {},
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

interface Counters {
  /** Undefined for what the configuration does not have. */
  get(name: string): Counter | undefined;
  keep(names: readonly string[]): void;
}

/** Counters that are made when they are first needed: of thousands of upstreams most are idle. */
function createCounters(clock: Clock): Counters {
  let known = new Set<string>();
  const counters = new Map<string, Counter>();
  return {
    get(name) {
      const counter = counters.get(name);
      if (counter || !known.has(name)) return counter;
      const made = createCounter(clock);
      counters.set(name, made);
      return made;
    },
    keep(names) {
      known = new Set(names);
      for (const name of counters.keys()) if (!known.has(name)) counters.delete(name);
    },
  };
}

interface Counter {
  request(record: RequestRecord): void;
  attempt(result: TryResult): void;
  failed(result: TryResult): void;
  answer(record: RequestRecord): void;
  retried(times?: number): void;
  read(): Tally;
}

function createCounter(clock: Clock): Counter {
  const answers = [0, 0, 0, 0, 0, 0];
  let [total, rateMax, connectErrors, responseErrors, retries] = [0, 0, 0, 0, 0];
  let second = Math.floor(clock.now() / 1000);
  let [now, before] = [0, 0];

  function turn(): void {
    const current = Math.floor(clock.now() / 1000);
    if (current === second) return;
    before = current === second + 1 ? now : 0;
    now = 0;
    second = current;
  }
  function one(): void {
    turn();
    total += 1;
    now += 1;
    rateMax = Math.max(rateMax, now);
  }
  function failed(result: TryResult): void {
    if (NO_CONNECTION.has(result)) connectErrors += 1;
    else if (NO_ANSWER.has(result)) responseErrors += 1;
  }
  function answer({ status }: RequestRecord): void {
    const kind = Math.floor(status / 100);
    const index = kind >= 1 && kind <= 5 ? kind - 1 : 5;
    answers[index] = (answers[index] ?? 0) + 1;
  }
  return {
    request(record) {
      one();
      answer(record);
    },
    attempt(result) {
      one();
      failed(result);
    },
    failed,
    answer,
    retried: (times = 1) => void (retries += times),
    read() {
      turn();
      return { total, rate: before, rateMax, answers: [...answers], connectErrors, responseErrors, retries };
    },
  };
}

const NO_CONNECTION: ReadonlySet<TryResult> = new Set(["refused", "unreachable", "connect-timeout"]);
const NO_ANSWER: ReadonlySet<TryResult> = new Set(["reset", "invalid", "timeout", "cut"]);
