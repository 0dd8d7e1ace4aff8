import type { RequestRecord } from "../balancer.ts";
import type { AttemptResult } from "../outcome.ts";
import {
  NONE,
  type MetersInForce,
  type PoolMeters,
  type RouteMeters,
  type UpstreamMeters,
} from "./meters-in-force.ts";

/** Counts a request that has ended. */
export function countRequest(inForce: MetersInForce, record: RequestRecord): void {
  const { meters, routes, pools } = inForce;
  const route = routes.get(record.route) ?? routeMeters(inForce, record.route);
  countAnswer(inForce, route, record);
  if (record.reason !== undefined) meters.reasons.of(record.reason).value += 1;
  route.duration.observe(record.totalMs / 1000);
  const pool = pools.get(record.pool);
  if (!pool) return;
  if (record.queueMs !== undefined) pool.queueTime.observe(record.queueMs / 1000);
  if (record.connectMs !== undefined) pool.connectTime.observe(record.connectMs / 1000);
  if (record.responseMs !== undefined) pool.responseTime.observe(record.responseMs / 1000);
}

function routeMeters({ meters, routes }: MetersInForce, given: string): RouteMeters {
  const label = routes.has(given) ? given : NONE;
  let route = routes.get(label);
  if (!route)
    routes.set(label, (route = { label, duration: meters.duration.of(label).buckets, answers: [] }));
  return route;
}

function countAnswer(
  { meters, pools }: MetersInForce,
  { label, answers }: RouteMeters,
  { pool, status, origin, flag }: RequestRecord,
): void {
  for (const answer of answers)
    if (
      answer.status === status &&
      answer.flag === flag &&
      answer.origin === origin &&
      answer.pool === pool
    ) {
      answer.count.value += 1;
      return;
    }
  const code = status >= 100 && status <= 599 ? String(status) : "other";
  const count = meters.requests.of(label, pools.has(pool) ? pool : NONE, code, origin, flag);
  count.value += 1;
  // Codes that no HTTP answer has are no closed set.
  if (code !== "other") answers.push({ pool, status, origin, flag, count });
}

/** Counts an attempt that has ended; nothing when the configuration in force has no such upstream. */
export function countAttempt(
  { meters, pools }: MetersInForce,
  poolName: string,
  name: string,
  result: AttemptResult,
): void {
  const pool = pools.get(poolName);
  const upstream = pool && upstreamMeters(pool, name);
  if (!upstream) return;
  pool.share.count(upstream.share);
  for (const known of upstream.results)
    if (known.result === result) {
      known.count.value += 1;
      return;
    }
  const count = meters.attempts.of(poolName, name, result);
  count.value += 1;
  upstream.results.push({ result, count });
}

function upstreamMeters({ upstreams, share }: PoolMeters, name: string): UpstreamMeters | undefined {
  const known = upstreams.get(name);
  if (known || !upstreams.has(name)) return known;
  const made = { share: share.of(name), results: [] };
  upstreams.set(name, made);
  return made;
}
