import type { Random } from "../../runtime/random.ts";
import { answerOf, failedIn } from "../judge/window.ts";
import type { ProbeRecord } from "../probe/record.ts";
import type { AccessRecord } from "../world/access-record.ts";
import { createStratifiedSample } from "./sample.ts";
import type { SampledRequest, TrafficCount, TrafficEdge, TrafficView } from "./traffic-view.ts";

/** Counts requests by edge and outcome, and samples them. Its memory does not grow with their number. */
export interface TrafficMeter {
  probed(records: readonly ProbeRecord[]): void;
  balanced(records: readonly AccessRecord[]): void;
  /** Records that lines of the access log could not be read. */
  missed(): void;
  /** Returns all since the last call. Times are epoch ms. */
  take(from: number, to: number): TrafficView;
}

export const MOST_SAMPLES = 50;
/** A pool has some dozen upstreams; made-up names in the log must not exhaust the memory. */
export const MOST_COUNTS = 500;
const MOST_TARGET = 200;
const MOST_NAME = 100;
/** More attempts than a balancer makes for a request. */
const MOST_ATTEMPTS = 10;

type Unweighted<T> = T extends SampledRequest ? Omit<T, "weight"> : never;
type Request = Unweighted<SampledRequest>;

export function createTrafficMeter(random: Random): TrafficMeter {
  const sample = createStratifiedSample<Request>(MOST_SAMPLES, random);
  let counts = new Map<string, Mutable<TrafficCount>>();
  let missed = false;

  /** Returns the name under which it was counted. */
  function count(edge: TrafficEdge, outcome: string, failed: boolean): string {
    const key = `${Object.values(edge).join("\n")}\n${outcome}\n${failed}`;
    const known = counts.get(key);
    if (known) {
      known.count += 1;
      return key;
    }
    if (counts.size >= MOST_COUNTS && edge.from !== "others")
      return count({ from: "others" }, failed ? "failed" : "ok", failed);
    counts.set(key, { edge, outcome, failed, count: 1 });
    return key;
  }

  return {
    probed(records) {
      for (const record of records) {
        const request = userRequest(record);
        const { route, outcome, failed } = request;
        const way = count(
          { from: "users", to: route === "api" ? "api" : "listener", route },
          outcome,
          failed,
        );
        const byOutcome = `users ${outcome} ${failed}`;
        sample.add([way, byOutcome, byOutcome, `users ${failed}`], request);
      }
    },
    balanced(records) {
      for (const record of records) {
        const request = balancerRequest(record);
        const { listener, route, pool, outcome, failed, attempts } = request;
        const way = count({ from: "listener", listener, route, pool }, outcome, failed);
        let last = way;
        for (const { upstream, result } of attempts)
          last = count({ from: "pool", pool, upstream }, result, result !== "ok");
        sample.add([`${way}\n${last}`, way, `balancer ${outcome} ${failed}`, `balancer ${failed}`], request);
      }
    },
    missed: () => void (missed = true),
    take(from, to) {
      const samples = sample.take().map(({ item, weight }): SampledRequest => ({ weight, ...item }));
      const view = {
        from,
        to,
        counts: [...counts.values()],
        samples: samples.sort((a, b) => a.at - b.at),
        missed,
      };
      counts = new Map();
      missed = false;
      return view;
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function userRequest(record: ProbeRecord) {
  const { sentAt, route, status, flag, backend, durationMs } = record;
  const answer = answerOf(record);
  return {
    seenBy: "users",
    at: sentAt,
    outcome: flag === undefined ? answer : `${answer} ${flag}`,
    failed: failedIn(record),
    status,
    flag,
    route,
    backend,
    durationMs,
  } as const satisfies Request;
}

const short = (name: string): string => name.slice(0, MOST_NAME);

function balancerRequest(record: AccessRecord) {
  const { status, queueMs, connectMs, responseMs, totalMs, bytesOut, origin } = record;
  const flag = record.flag === "-" ? undefined : short(record.flag);
  return {
    seenBy: "balancer",
    at: record.at,
    outcome: flag === undefined ? String(status) : `${status} ${flag}`,
    // A flag means that there was no whole answer, or that the balancer made it.
    failed: status >= 500 || flag !== undefined,
    status,
    flag,
    id: short(record.requestId),
    method: short(record.method),
    target: record.target.slice(0, MOST_TARGET),
    listener: short(record.listener),
    route: short(record.route),
    pool: short(record.pool),
    attempts: record.attempts.slice(0, MOST_ATTEMPTS).map(({ upstream, result, pickedBecause }) => ({
      upstream: short(upstream),
      result: short(result),
      pickedBecause: pickedBecause === undefined ? undefined : short(pickedBecause),
    })),
    state: short(record.state),
    reason: record.reason === undefined ? undefined : short(record.reason),
    origin,
    queueMs,
    connectMs,
    responseMs,
    totalMs,
    bytesOut,
  } as const satisfies Request;
}
