import type { Balancer, Observer } from "../../lb/balancer.ts";
import type { UpstreamRequest, Transport } from "../../lb/transport/transport.ts";
import type { SimulatedExchange } from "../../lab/world/simulated/exchange.ts";
import type { Clock } from "../../runtime/clock.ts";
import { describeAsked, type Asked } from "./asked.ts";
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

/** A retry that the core has told of and not yet sent. */
export interface Retrying {
  take(): string | undefined;
}

export interface RecordingTransportDeps {
  readonly clock: Clock;
  readonly facts: Facts;
  readonly findings: Findings;
  readonly askedOf: (exchange: SimulatedExchange) => Asked | undefined;
  readonly balancer: () => Pick<Balancer, "pools">;
}

/** Methods of RFC 9110, 9.2.2 that the hunt's clients use. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const BUDGET_SECONDS = 10;
const BUDGET_FLOOR = 3;

export interface WitnessedTransport extends Transport<SimulatedExchange> {
  /** Tries and health checks under way. */
  readonly open: number;
}

/** Watches what is sent to whom, and judges each sending as it happens. */
export function recordingTransport(
  inner: Transport<SimulatedExchange>,
  retrying: Retrying,
  { clock, facts, findings, askedOf, balancer }: RecordingTransportDeps,
): WitnessedTransport {
  const { broken } = findings;
  const checksOpen = new Map<number, number>();
  let open = 0;

  /** By what was told; where that is a moment behind, by the balancer's own view. */
  function mayGet(pool: PoolFacts, upstream: UpstreamFacts): boolean {
    if (facts.pools.get(pool.name) !== pool) return false;
    if (availableOf(pool).includes(upstream)) return true;
    if (upstream.admin !== "ready" || upstream.weight === 0) return false;
    const view = balancer()
      .pools()
      .find(({ name }) => name === pool.name);
    return view?.panic === true || view?.upstreams.find(({ name }) => name === upstream.name)?.state === "UP";
  }

  function judgeFirst(asked: Asked, pool: PoolFacts, to: UpstreamFacts): void {
    const first = [...pool.waiting][0];
    if (!pool.everBound && first !== undefined && first !== asked)
      broken("queue order", `${describeAsked(asked)} was sent before ${first.id}, which waited longer`);
    const { stuckTo } = asked;
    const stuck = stuckTo === undefined ? undefined : pool.upstreams.get(stuckTo);
    const bound = stuck !== undefined && asked.stuckWasAvailable && !asked.waited;
    if (bound && stuck !== to)
      broken("bound stay bound", `${describeAsked(asked)} went to ${to.name} instead of ${stuck.name}`);
    if (bound || asked.waited) return;
    const better = checkChoice(pool, to);
    if (better) broken("the policy's choice", `${describeAsked(asked)} went to ${to.name}: ${better}`);
  }

  function judgeAgain(asked: Asked, pool: PoolFacts, to: UpstreamFacts): void {
    const reason = retrying.take();
    const { terms, last, step } = asked;
    const report = (why: string): void => broken("retry rules", `${describeAsked(asked)}: ${why}`);
    if (reason === undefined) return report("a retry of which nobody was told");
    if (asked.mayBeDone && (!REPEATABLE.has(step.method) || step.hasBody))
      broken("nothing unsafe twice", `${describeAsked(asked)} was sent again, and may have been carried out`);
    if (reason === "stale-connection") {
      asked.resends += 1;
      if (asked.resends > 1) report("resent twice because of a stale connection");
      return;
    }
    if (!terms?.retry.on.some((on) => on === reason))
      report(`retried because of ${reason}, which is not asked for`);
    const retries = asked.sends - 1 - asked.resends;
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
      broken("retry budget", `${made} retries for ${came} requests in 10 s, by ${describeAsked(asked)}`);
    if (
      !last ||
      pool.upstreams.get(last.name) !== last ||
      pool.config.retry.redispatch ||
      !mayGet(pool, last)
    )
      return;
    // A key that is asked for now was asked for then, but for a policy that came meanwhile.
    const pinned = asked.stuckTo === last.name || (PINNING.has(pool.config.policy.type) && asked.hasKey);
    if (pinned && terms?.policy.type === pool.config.policy.type && to !== last)
      broken("bound stay bound", `${describeAsked(asked)} was retried at ${to.name} without redispatch`);
  }

  function judge(asked: Asked, target: Target): UpstreamFacts | undefined {
    const { pool } = asked;
    asked.sends += 1;
    if (asked.ended) broken("one outcome", `${describeAsked(asked)} was sent after its end`);
    if (asked.open) broken("one outcome", `${describeAsked(asked)} was sent twice at a time`);
    const address = `${target.host}:${target.port}`;
    const to = pool && [...pool.upstreams.values()].find((one) => one.address === address);
    if (!to || !mayGet(pool, to)) {
      const state = to ? `${to.name}, ${to.admin}, weight ${to.weight}, ${to.reported ?? "new"}` : address;
      broken("only to those who may get it", `${describeAsked(asked)} was sent to ${state}`);
    }
    if (!pool || !to) return to;
    if (asked.place !== to) {
      const taken = to.places - to.between;
      if (taken >= to.maxConnections)
        broken(
          "connection limits",
          `${describeAsked(asked)} is one more than ${to.maxConnections} at ${to.name}`,
        );
    }
    if (asked.sends === 1) judgeFirst(asked, pool, to);
    else judgeAgain(asked, pool, to);
    pool.waiting.delete(asked);
    return to;
  }

  return {
    ...inner,
    get open() {
      return open;
    },
    send(target, exchange, headers, events) {
      const asked = askedOf(exchange);
      if (!asked) {
        broken("one outcome", "something was sent that nobody asked for");
        return inner.send(target, exchange, headers, events);
      }
      const to = judge(asked, target);
      if (asked.place !== to) leavePlace(asked);
      if (to && asked.place !== to) takePlace(asked, to);
      setBetween(asked, false);
      asked.open = true;
      asked.last = to;
      open += 1;
      const mine = asked.sends;
      const over = (): void => {
        if (!asked.open || mine !== asked.sends) return;
        asked.open = false;
        open -= 1;
        setBetween(asked, true);
      };
      const attempt: UpstreamRequest = inner.send(target, exchange, headers, {
        connected(reused) {
          asked.mayBeDone = true;
          events.connected(reused);
        },
        inform: (head) => events.inform(head),
        head(head) {
          // When the core says what it wants of a 5xx, it may have sent the next try already.
          if (head.status >= 500) over();
          const wanted = events.head(head);
          if (!wanted) over();
          else if (!asked.open) {
            asked.open = true;
            open += 1;
            setBetween(asked, false);
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
          `${count} checks at ${address}, which ${checked.length} upstreams are to get`,
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

/** Remembers the retry that was told last until it is sent. */
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
