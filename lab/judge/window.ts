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

export const failedIn = (record: ProbeRecord): boolean => record.result !== "ok";

/** What the user got, as a key: the status of a whole and true answer, or the result without one. */
export const answerOf = ({ result, status }: ProbeRecord): string =>
  status !== undefined && (result === "ok" || result === "status") ? String(status) : result;

/** Sums requests up, whatever their number, in memory that does not grow with it. */
export interface Summary {
  add(records: Iterable<ProbeRecord>): void;
  summed(bounds: {
    readonly from: number;
    readonly to: number;
    readonly affectedRatio: number;
  }): WindowSummary;
}

interface MutableRoute {
  requests: number;
  failed: number;
  /** How many took so many whole milliseconds, rounded. */
  readonly durations: Map<number, number>;
  readonly failures: Record<string, number>;
  readonly answeredBy: Record<string, number>;
  readonly failedBy: Record<string, number>;
}

export function createSummary(): Summary {
  const statuses: Record<string, number> = {};
  const routes = new Map<string, MutableRoute>();
  let requests = 0;
  let failed = 0;

  function routeOf(name: string): MutableRoute {
    let route = routes.get(name);
    if (!route)
      routes.set(
        name,
        (route = {
          requests: 0,
          failed: 0,
          durations: new Map(),
          failures: {},
          answeredBy: {},
          failedBy: {},
        }),
      );
    return route;
  }

  return {
    add(records) {
      for (const record of records) {
        const answer = answerOf(record);
        const route = routeOf(record.route);
        requests++;
        route.requests++;
        count(statuses, answer);
        if (record.backend !== undefined) count(route.answeredBy, record.backend);
        if (failedIn(record)) {
          failed++;
          route.failed++;
          if (record.backend !== undefined) count(route.failedBy, record.backend);
          count(route.failures, record.flag === undefined ? answer : `${answer} ${record.flag}`);
        } else {
          const ms = Math.round(record.durationMs);
          route.durations.set(ms, (route.durations.get(ms) ?? 0) + 1);
        }
      }
    },
    summed: (bounds) => ({
      ...bounds,
      requests,
      failed,
      failedRatio: requests === 0 ? 0 : failed / requests,
      statuses: { ...statuses },
      routes: Object.fromEntries(
        [...routes].map(([name, { durations, failures, answeredBy, failedBy, ...route }]) => [
          name,
          {
            ...route,
            failures: { ...failures },
            answeredBy: { ...answeredBy },
            failedBy: { ...failedBy },
            p95Ms: percentile(durations, 0.95),
          },
        ]),
      ),
    }),
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

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
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
