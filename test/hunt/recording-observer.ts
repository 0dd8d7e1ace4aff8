import type { Observer, RequestRecord } from "../../lb/balancer.ts";
import { describeTracked, type TrackedRequest } from "./tracked-request.ts";
import { hasRoom, leavePlace, availableOf, type Facts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import { falsehoodOf } from "./record-truth.ts";

/** The longest that an answer's body may be on its way: no plan has more pieces. */
export const MOST_PIECES = 12;

export interface RecordingObserverDeps {
  readonly facts: Facts;
  readonly findings: Findings;
  readonly trackedById: (id: string) => TrackedRequest | undefined;
  readonly onRecord: (tracked: TrackedRequest, record: RequestRecord) => void;
}

/** Watches the core's events of requests, attempts, checks and ejections. */
export function recordingObserver(deps: RecordingObserverDeps): Omit<Observer, "retry"> {
  const { facts, trackedById, onRecord } = deps;
  const { broken } = deps.findings;
  const upstreamOf = (pool: string, name: string) => facts.pools.get(pool)?.upstreams.get(name);

  function judgeWait(tracked: TrackedRequest, record: RequestRecord): void {
    const { pool, terms } = tracked;
    if (!pool || !terms || tracked.sends > 0) return;
    if (record.flag === "UO") {
      if (record.queueMs === undefined) {
        if (pool.waiting.size < pool.config.queue.limit)
          broken(
            "no needless waiting",
            `${describeTracked(tracked)} was refused while ${pool.waiting.size} waited`,
          );
      } else if (Math.abs(record.queueMs - terms.queue.timeoutMs) > 1)
        broken("in time", `${describeTracked(tracked)} gave up after ${record.queueMs} ms in the queue`);
    }
    if (record.flag === "UH" && facts.pools.get(pool.name) === pool && availableOf(pool).length > 0)
      broken(
        "no needless waiting",
        `${describeTracked(tracked)} found no upstream, and ${availableOf(pool)[0]?.name} is there`,
      );
    if (
      !tracked.waited &&
      record.flag !== "DC" &&
      record.flag !== "DR" &&
      !pool.everBound &&
      availableOf(pool).some(hasRoom)
    )
      broken(
        "no needless waiting",
        `${describeTracked(tracked)} was refused (${record.flag}) while there was room`,
      );
  }

  function judgeTime(tracked: TrackedRequest, { totalMs }: RequestRecord): void {
    const { terms, timeouts } = tracked;
    if (!terms) return;
    const own = terms.timeouts;
    const limit = own.totalMs ?? timeouts.totalMs;
    const perTry =
      (own.connectMs ?? timeouts.connectMs) +
      (own.responseMs ?? timeouts.responseMs) +
      (own.bodyIdleMs ?? timeouts.bodyIdleMs ?? timeouts.idleMs) * MOST_PIECES;
    const { attempts, backoffMs } = terms.retry;
    const most = terms.queue.timeoutMs + (attempts + 2) * perTry + attempts * 10 * backoffMs;
    if (totalMs > Math.min(limit ?? Infinity, most) + 1)
      broken(
        "in time",
        `${describeTracked(tracked)} took ${totalMs} ms, at most ${limit ?? most} are allowed`,
      );
  }

  return {
    request(record) {
      const tracked = trackedById(record.target.slice(record.target.lastIndexOf("/") + 1));
      if (!tracked) return broken("one outcome", `a record of an unknown request: ${record.target}`);
      if (tracked.ended) return broken("one outcome", `${describeTracked(tracked)} was recorded twice`);
      judgeWait(tracked, record);
      tracked.ended = true;
      tracked.pool?.waiting.delete(tracked);
      leavePlace(tracked);
      judgeTime(tracked, record);
      const falsehood = falsehoodOf(tracked, record);
      if (falsehood) broken("true records", `${describeTracked(tracked)}: ${falsehood}`);
      onRecord(tracked, record);
    },
    attempt(pool, name, result) {
      const upstream = upstreamOf(pool, name);
      if (!upstream || result === "client-left") return;
      upstream.failures = result === "ok" ? 0 : upstream.failures + 1;
    },
    retryDenied() {},
    check(pool, name, ok) {
      const upstream = upstreamOf(pool, name);
      if (!upstream) return broken("health checks", `${pool}/${name} was checked, and is not there`);
      upstream.checks = ok ? Math.max(upstream.checks, 0) + 1 : Math.min(upstream.checks, 0) - 1;
    },
    upstreamState(pool, name, state) {
      const upstream = upstreamOf(pool, name);
      if (!upstream)
        return broken("true views", `the state of ${pool}/${name} was reported, which is not there`);
      const { reported } = upstream;
      upstream.reported = state;
      const health = facts.pools.get(pool)?.config.health;
      if (reported === "UP" && state === "DOWN" && health && upstream.checks > -health.fall)
        broken("health checks", `${pool}/${name} went DOWN with ${-upstream.checks} failed checks in a row`);
      if (reported === "DOWN" && state === "UP" && health && upstream.checks < health.rise)
        broken("health checks", `${pool}/${name} came UP with ${upstream.checks} passed checks in a row`);
    },
    ejected(name, upstreamName) {
      const pool = facts.pools.get(name);
      const upstream = pool?.upstreams.get(upstreamName);
      const outlier = pool?.config.outlier;
      if (!pool || !upstream || !outlier)
        return broken("ejections", `${name}/${upstreamName} was ejected, without outlier detection`);
      const others = [...pool.upstreams.values()].filter(
        (one) => one !== upstream && one.reported === "EJECTED",
      );
      const most = Math.max(1, Math.floor((pool.upstreams.size * outlier.maxEjectedPercent) / 100));
      if (others.length + 1 > most)
        broken("ejections", `${name}/${upstreamName} is one too many: ${most} may be ejected`);
      if (!pool.everLost && upstream.failures < outlier.consecutive5xx)
        broken(
          "ejections",
          `${name}/${upstreamName} was ejected after ${upstream.failures} failures in a row`,
        );
    },
    configured() {},
  };
}
