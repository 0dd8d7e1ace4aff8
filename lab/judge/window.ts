import type { ProbeRecord } from "../probe/record.ts";

/** Users' requests sent between two moments (epoch ms), summed up. Ratios 0..1, durations in ms. */
export interface WindowSummary {
  readonly from: number;
  readonly to: number;
  readonly requests: number;
  readonly failed: number;
  readonly failedRatio: number;
  readonly affectedRatio: number;
  /** How often each answer came: `200`, `503`, `refused`, `timeout`, `cut`, `wrong`. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly routes: Readonly<Record<string, RouteSummary>>;
}

export interface RouteSummary {
  readonly requests: number;
  readonly failed: number;
  /** Of the requests that did not fail, to the millisecond; undefined without any. */
  readonly p95Ms: number | undefined;
  /** Failures by what the user got, with the balancer's flag where it set one: `503 UO`, `500`, `refused`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Answers by the backend that gave them, failed ones included. */
  readonly answeredBy: Readonly<Record<string, number>>;
  /** Failures by the backend whose name they carry. */
  readonly failedBy: Readonly<Record<string, number>>;
}

export const failedIn = (record: Pick<ProbeRecord, "result">): boolean => record.result !== "ok";

/** What the user got, as a key: the status of a whole and true answer, or the result without one. */
export const answerOf = ({ result, status }: Pick<ProbeRecord, "result" | "status">): string =>
  status !== undefined && (result === "ok" || result === "status") ? String(status) : result;

/** The highest 95th percentile among routes; undefined while none has an answer. */
export function slowestP95(
  routes: Readonly<Record<string, Pick<RouteSummary, "p95Ms">>>,
): number | undefined {
  const known = Object.values(routes).flatMap(({ p95Ms }) => p95Ms ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Sums requests up, whatever their number, in memory that does not grow with it. */
export interface Summary {
  add(records: Iterable<ProbeRecord>): void;
  summed(bounds: {
    readonly from: number;
    readonly to: number;
    readonly affectedRatio: number;
  }): WindowSummary;
}

/** Requests that differ only in when they were sent, by whom, and how long they took. */
interface Kind extends Pick<ProbeRecord, "route" | "result" | "status" | "backend" | "flag"> {
  count: number;
}

interface MutableRoute {
  requests: number;
  failed: number;
  readonly failures: Record<string, number>;
  readonly answeredBy: Record<string, number>;
  readonly failedBy: Record<string, number>;
}

/** Every window is summed up several times a second, and a window has a few kinds of requests: texts are made of kinds only. */
export function createSummary(): Summary {
  const kinds: Kind[] = [];
  /** How many requests to a route that did not fail took so many whole milliseconds, rounded. */
  const durations = new Map<string, Map<number, number>>();

  function kindOf({ route, result, status, backend, flag }: ProbeRecord): Kind {
    for (const kind of kinds)
      if (
        kind.backend === backend &&
        kind.status === status &&
        kind.route === route &&
        kind.result === result &&
        kind.flag === flag
      )
        return kind;
    const kind = { route, result, status, backend, flag, count: 0 };
    kinds.push(kind);
    return kind;
  }

  function countDuration({ route, durationMs }: ProbeRecord): void {
    let counts = durations.get(route);
    if (!counts) durations.set(route, (counts = new Map<number, number>()));
    const ms = Math.round(durationMs);
    counts.set(ms, (counts.get(ms) ?? 0) + 1);
  }

  return {
    add(records) {
      for (const record of records) {
        kindOf(record).count += 1;
        if (!failedIn(record)) countDuration(record);
      }
    },
    summed: (bounds) => ({ ...bounds, ...summedKinds(kinds, durations) }),
  };
}

function summedKinds(
  kinds: readonly Kind[],
  durations: ReadonlyMap<string, ReadonlyMap<number, number>>,
): Omit<WindowSummary, "from" | "to" | "affectedRatio"> {
  const statuses: Record<string, number> = {};
  const routes = new Map<string, MutableRoute>();
  let requests = 0;
  let failed = 0;
  for (const kind of kinds) {
    const { backend, flag, count } = kind;
    const answer = answerOf(kind);
    let route = routes.get(kind.route);
    if (!route)
      routes.set(
        kind.route,
        (route = { requests: 0, failed: 0, failures: {}, answeredBy: {}, failedBy: {} }),
      );
    requests += count;
    route.requests += count;
    add(statuses, answer, count);
    if (backend !== undefined) add(route.answeredBy, backend, count);
    if (!failedIn(kind)) continue;
    failed += count;
    route.failed += count;
    if (backend !== undefined) add(route.failedBy, backend, count);
    add(route.failures, flag === undefined ? answer : `${answer} ${flag}`, count);
  }
  return {
    requests,
    failed,
    failedRatio: requests === 0 ? 0 : failed / requests,
    statuses,
    routes: Object.fromEntries(
      Array.from(routes, ([name, route]) => [
        name,
        { ...route, p95Ms: percentile(durations.get(name) ?? new Map(), 0.95) },
      ]),
    ),
  };
}

/** One window's requests, summed up. */
export function summarise(
  records: Iterable<ProbeRecord>,
  bounds: { readonly from: number; readonly to: number; readonly affectedRatio: number },
): WindowSummary {
  const summary = createSummary();
  summary.add(records);
  return summary.summed(bounds);
}

function add(counts: Record<string, number>, key: string, count: number): void {
  counts[key] = (counts[key] ?? 0) + count;
}

/** Nearest rank, of values that are counted. */
export function percentile(counts: ReadonlyMap<number, number>, quantile: number): number | undefined {
  let left = 0;
  for (const times of counts.values()) left += times;
  left = Math.max(1, Math.ceil(left * quantile));
  for (const value of [...counts.keys()].sort((a, b) => a - b)) {
    left -= counts.get(value) ?? 0;
    if (left <= 0) return value;
  }
  return undefined;
}
