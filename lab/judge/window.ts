import { affectedUsers } from "../probe/affected.ts";
import type { ProbeRecord } from "../probe/record.ts";

/** What users felt between two moments (epoch ms), by the requests they sent in it. Ratios 0..1, durations in ms. */
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
  /** Of the requests that did not fail; undefined without any. */
  readonly p95Ms: number | undefined;
  /** Failures by what the user got, with the balancer's flag where it set one: `503 UO`, `500`, `refused`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Answers by the backend that gave them, failed ones included. */
  readonly answeredBy: Readonly<Record<string, number>>;
}

export const failedIn = (record: ProbeRecord): boolean => record.result !== "ok";

/** What the user got, in a word: the status of a whole and true answer, or what came instead of one. */
const answerOf = ({ result, status }: ProbeRecord): string =>
  status !== undefined && (result === "ok" || result === "status") ? String(status) : result;

export function summarise(
  records: readonly ProbeRecord[],
  { from, to, users }: { readonly from: number; readonly to: number; readonly users: number },
): WindowSummary {
  const statuses: Record<string, number> = {};
  const routes = new Map<string, MutableRoute>();
  let failed = 0;
  for (const record of records) {
    count(statuses, answerOf(record));
    let route = routes.get(record.route);
    if (!route)
      routes.set(
        record.route,
        (route = { requests: 0, failed: 0, durations: [], failures: {}, answeredBy: {} }),
      );
    route.requests++;
    if (record.backend !== undefined) count(route.answeredBy, record.backend);
    if (failedIn(record)) {
      failed++;
      route.failed++;
      count(
        route.failures,
        record.flag === undefined ? answerOf(record) : `${answerOf(record)} ${record.flag}`,
      );
    } else route.durations.push(record.durationMs);
  }
  return {
    from,
    to,
    requests: records.length,
    failed,
    failedRatio: records.length === 0 ? 0 : failed / records.length,
    affectedRatio: affectedUsers(records, from, to).size / users,
    statuses,
    routes: Object.fromEntries(
      [...routes].map(([name, { durations, ...route }]) => [
        name,
        { ...route, p95Ms: percentile(durations, 0.95) },
      ]),
    ),
  };
}

interface MutableRoute {
  requests: number;
  failed: number;
  durations: number[];
  failures: Record<string, number>;
  answeredBy: Record<string, number>;
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Nearest rank. */
export function percentile(values: readonly number[], quantile: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * quantile) - 1)];
}
