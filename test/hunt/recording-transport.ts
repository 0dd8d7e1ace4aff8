import type { Balancer, Observer } from "../../lb/balancer.ts";
import type { UpstreamRequest, Transport } from "../../lb/transport/transport.ts";
import type { SimulatedExchange } from "../../lab/world/simulated/exchange.ts";
import type { Clock } from "../../runtime/clock.ts";
import { describeTracked, type TrackedRequest } from "./tracked-request.ts";
import { checkChoice } from "./choice.ts";
import {
  leavePlace,
  PINNING,
  setBetween,
  takePlace,
  availableOf,
  type Facts,
  type PoolFacts,
  type UpstreamFacts,
} from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { Target } from "../../lb/address.ts";

/** A retry that the core has reported and not yet sent. */
export interface Retrying {
  take(): string | undefined;
}

export interface RecordingTransportDeps {
  readonly clock: Clock;
  readonly facts: Facts;
  readonly findings: Findings;
  readonly trackedOf: (exchange: SimulatedExchange) => TrackedRequest | undefined;
  readonly balancer: () => Pick<Balancer, "pools">;
}

/** Methods of RFC 9110, 9.2.2 that the hunt's clients use. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const BUDGET_SECONDS = 10;
const BUDGET_FLOOR = 3;

export interface WitnessedTransport extends Transport<SimulatedExchange> {
  /** Attempts and health checks under way. */
  readonly open: number;
}

/** Watches what is sent to which upstream, and judges each attempt as it happens. */
export function recordingTransport(
  inner: Transport<SimulatedExchange>,
  retrying: Retrying,
  { clock, facts, findings, trackedOf, balancer }: RecordingTransportDeps,
): WitnessedTransport {
  const { broken } = findings;
  const checksOpen = new Map<number, number>();
  let open = 0;

  /** By the reported states; where these are a moment behind, by the balancer's own view. */
  function mayGet(pool: PoolFacts, upstream: UpstreamFacts): boolean {
    if (facts.pools.get(pool.name) !== pool) return false;
    if (availableOf(pool).includes(upstream)) return true;
    if (upstream.admin !== "ready" || upstream.weight === 0) return false;
    const view = balancer()
      .pools()
      .find(({ name }) => name === pool.name);
    return view?.panic === true || view?.upstreams.find(({ name }) => name === upstream.name)?.state === "UP";
  }

  function judgeFirst(tracked: TrackedRequest, pool: PoolFacts, to: UpstreamFacts): void {
    const first = [...pool.waiting][0];
    if (!pool.everBound && first !== undefined && first !== tracked)
      broken("queue order", `${describeTracked(tracked)} was sent before ${first.id}, which waited longer`);
    const { stuckTo } = tracked;
    const stuck = stuckTo === undefined ? undefined : pool.upstreams.get(stuckTo);
    const bound = stuck !== undefined && tracked.stuckWasAvailable && !tracked.waited;
    if (bound && stuck !== to)
      broken("stickiness holds", `${describeTracked(tracked)} went to ${to.name} instead of ${stuck.name}`);
    if (bound || tracked.waited) return;
    const better = checkChoice(pool, to);
    if (better) broken("the policy's choice", `${describeTracked(tracked)} went to ${to.name}: ${better}`);
  }

  function judgeAgain(tracked: TrackedRequest, pool: PoolFacts, to: UpstreamFacts): void {
    const reason = retrying.take();
    const { terms, last, step } = tracked;
    const report = (why: string): void => broken("retry rules", `${describeTracked(tracked)}: ${why}`);
    if (reason === undefined) return report("a retry without an event");
    if (tracked.mayBeDone && (!REPEATABLE.has(step.method) || step.hasBody))
      broken(
        "nothing unsafe twice",
        `${describeTracked(tracked)} was sent again, and may have been carried out`,
      );
    if (reason === "stale-connection") {
      tracked.resends += 1;
      if (tracked.resends > 1) report("resent twice because of a stale connection");
      return;
    }
    if (!terms?.retry.on.some((on) => on === reason))
      report(`retried because of ${reason}, which is not configured`);
    const retries = tracked.sends - 1 - tracked.resends;
    if (retries > (terms?.retry.attempts ?? 0))
      report(`${retries} retries, ${terms?.retry.attempts} are allowed`);
    const second = Math.floor(clock.now() / 1000);
    pool.retrySeconds.push(second);
    const inWindow = (seconds: readonly number[]) =>
      seconds.filter((one) => one > second - BUDGET_SECONDS).length;
    const [made, came] = [inWindow(pool.retrySeconds), inWindow(pool.requestSeconds)];
    // A retry is granted before its back-off, and seen after it: these two may fall into different windows.
    if (
      !pool.everBackedOff &&
      made > Math.max(BUDGET_FLOOR, (came * (terms?.retry.budgetPercent ?? 0)) / 100)
    )
      broken("retry budget", `${made} retries for ${came} requests in 10 s, by ${describeTracked(tracked)}`);
    if (
      !last ||
      pool.upstreams.get(last.name) !== last ||
      pool.config.retry.redispatch ||
      !mayGet(pool, last)
    )
      return;
    // A key that is hashed now was hashed then, but for a policy that came meanwhile.
    const pinned = tracked.stuckTo === last.name || (PINNING.has(pool.config.policy.type) && tracked.hasKey);
    if (pinned && terms?.policy.type === pool.config.policy.type && to !== last)
      broken("stickiness holds", `${describeTracked(tracked)} was retried at ${to.name} without redispatch`);
  }

  function judge(tracked: TrackedRequest, target: Target): UpstreamFacts | undefined {
    const { pool } = tracked;
    tracked.sends += 1;
    if (tracked.ended) broken("one outcome", `${describeTracked(tracked)} was sent after its end`);
    if (tracked.open) broken("one outcome", `${describeTracked(tracked)} was sent twice at a time`);
    const address = `${target.host}:${target.port}`;
    const to = pool && [...pool.upstreams.values()].find((one) => one.address === address);
    if (!to || !mayGet(pool, to)) {
      const state = to ? `${to.name}, ${to.admin}, weight ${to.weight}, ${to.reported ?? "new"}` : address;
      broken("only to available upstreams", `${describeTracked(tracked)} was sent to ${state}`);
    }
    if (!pool || !to) return to;
    if (tracked.place !== to) {
      const taken = to.places - to.between;
      if (taken >= to.maxConnections)
        broken(
          "connection limits",
          `${describeTracked(tracked)} is one more than ${to.maxConnections} at ${to.name}`,
        );
    }
    if (tracked.sends === 1) judgeFirst(tracked, pool, to);
    else judgeAgain(tracked, pool, to);
    pool.waiting.delete(tracked);
    return to;
  }

  return {
    ...inner,
    get open() {
      return open;
    },
    send(target, exchange, headers, events) {
      const tracked = trackedOf(exchange);
      if (!tracked) {
        broken("one outcome", "an attempt without a request was sent");
        return inner.send(target, exchange, headers, events);
      }
      const to = judge(tracked, target);
      if (tracked.place !== to) leavePlace(tracked);
      if (to && tracked.place !== to) takePlace(tracked, to);
      setBetween(tracked, false);
      tracked.open = true;
      tracked.last = to;
      open += 1;
      const mine = tracked.sends;
      const over = (): void => {
        if (!tracked.open || mine !== tracked.sends) return;
        tracked.open = false;
        open -= 1;
        setBetween(tracked, true);
      };
      const attempt: UpstreamRequest = inner.send(target, exchange, headers, {
        connected(reused) {
          tracked.mayBeDone = true;
          events.connected(reused);
        },
        inform: (head) => events.inform(head),
        head(head) {
          // When the core has decided on a 5xx, it may have sent the next attempt already.
          if (head.status >= 500) over();
          const wanted = events.head(head);
          if (!wanted) over();
          else if (!tracked.open) {
            tracked.open = true;
            open += 1;
            setBetween(tracked, false);
          }
          return wanted;
        },
        progress: () => events.progress(),
        end(trailers) {
          over();
          events.end(trailers);
        },
        fail(failure) {
          over();
          events.fail(failure);
        },
      });
      return {
        abort() {
          over();
          attempt.abort();
        },
      };
    },
    check(target, request, done) {
      const { port } = target;
      const address = `${target.host}:${port}`;
      const checked = [...facts.pools.values()].flatMap(({ config, upstreams }) =>
        [...upstreams.values()].filter(
          (one) => config.health !== undefined && one.address === address && one.admin !== "maintenance",
        ),
      );
      const count = (checksOpen.get(port) ?? 0) + 1;
      if (count > checked.length)
        broken(
          "health checks",
          `${count} checks at ${address}, due are those of ${checked.length} upstreams`,
        );
      checksOpen.set(port, count);
      open += 1;
      let over = false;
      const end = (): void => {
        if (over) return;
        over = true;
        open -= 1;
        checksOpen.set(port, (checksOpen.get(port) ?? 0) - 1);
      };
      const check = inner.check(target, request, (outcome) => {
        end();
        done(outcome);
      });
      return {
        get connected() {
          return check.connected;
        },
        cancel() {
          end();
          check.cancel();
        },
      };
    },
  };
}

/** Remembers the retry that was reported last until it is sent. */
export function createRetrying(): Retrying & Pick<Observer, "retry"> {
  let reported: string | undefined;
  return {
    retry: (_pool, reason) => void (reported = reason),
    take() {
      const reason = reported;
      reported = undefined;
      return reason;
    },
  };
}
