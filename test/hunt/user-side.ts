import type { Balancer, RequestRecord } from "../../lb/balancer.ts";
import { headerValue } from "../../lb/exchange.ts";
import { createSimulatedExchange, type SimulatedExchange } from "../../lab/world/simulated/exchange.ts";
import type { Incoming, NetworkEnd } from "../../lab/world/simulated/network.ts";
import type { Clock } from "../../runtime/clock.ts";
import { describeTracked, newTracked, type TrackedRequest } from "./tracked-request.ts";
import { ID_HEADER } from "./backend.ts";
import { BALANCER_PORT, LISTENER } from "./config-file.ts";
import { availableOf, type Facts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { RequestStep } from "./plan.ts";

/** The users, and the balancer's front: what comes in there and what goes out. */
export interface UserSide {
  /** Sends a user's request. `over` is called when it has an answer, or none. */
  ask(id: string, step: RequestStep, over?: () => void): void;
  /** The balancer's listener. */
  accept(incoming: Incoming): void;
  recorded(record: RequestRecord): void;
  ofExchange(exchange: SimulatedExchange): TrackedRequest | undefined;
  byId(id: string): TrackedRequest | undefined;
  /** Requests that have reached the balancer. */
  readonly tracked: ReadonlyMap<string, TrackedRequest>;
  /** Those that have not ended. */
  readonly open: number;
}

export interface UserSideDeps {
  readonly clock: Clock;
  readonly users: Pick<NetworkEnd, "send">;
  readonly facts: Facts;
  readonly findings: Findings;
  readonly balancer: () => Pick<Balancer<SimulatedExchange>, "handle" | "config">;
}

export function createUserSide({
  clock,
  users,
  facts,
  findings: { broken },
  balancer,
}: UserSideDeps): UserSide {
  const tracked = new Map<string, TrackedRequest>();
  const exchanges = new WeakMap<SimulatedExchange, TrackedRequest>();
  const coming = new Map<string, RequestStep>();
  let open = 0;

  /** The balancer's end of one request: counts its outcomes, and passes them on. */
  function exchangeOf(incoming: Incoming, one: TrackedRequest): SimulatedExchange {
    const settle = (how: "answered" | "cut"): void => {
      if (one.outcome)
        broken("one outcome", `${describeTracked(one)} was ${how} after it was ${one.outcome}`);
      if (one.ended) broken("one outcome", `${describeTracked(one)} was ${how} after its record`);
      one.outcome = how;
    };
    let gone: ((why?: "left" | "malformed") => void) | undefined;
    const report = (why: "left" | "malformed"): void => {
      if (one.gone || one.outcome || (why === "malformed" && exchange.started)) return;
      one.gone = why;
      gone?.(why);
    };
    const exchange = createSimulatedExchange({
      request: incoming.request,
      answer(answer) {
        settle("answered");
        one.status = answer.status;
        one.origin = headerValue(answer.headers, "x-balancer-flag") === undefined ? "upstream" : "balancer";
        one.body = answer.body;
        incoming.answer(answer);
      },
      cut() {
        settle("cut");
        incoming.cut();
      },
      onGone(run) {
        gone = run;
        incoming.onGone(() => report("left"));
      },
    });
    const { owesBody, breaksAfterMs } = one.step;
    if (owesBody === true) exchange.awaitsBody = () => true;
    if (breaksAfterMs !== undefined) clock.after(breaksAfterMs, () => report("malformed"));
    return exchange;
  }

  function accept(incoming: Incoming): void {
    const id = headerValue(incoming.request.headers, ID_HEADER) ?? "";
    const step = coming.get(id);
    if (!step) return broken("one outcome", `${id} came twice`);
    coming.delete(id);
    const pool = facts.pools.get(step.pool);
    const stuckTo = pool?.config.sticky && step.stuckTo;
    const one = newTracked({
      id,
      step,
      pool,
      timeouts: balancer().config.timeouts,
      stuckTo,
      stuckWasAvailable: pool !== undefined && availableOf(pool).some(({ name }) => name === stuckTo),
    });
    tracked.set(id, one);
    open += 1;
    pool?.requestSeconds.push(Math.floor(clock.now() / 1000));
    const exchange = exchangeOf(incoming, one);
    exchanges.set(exchange, one);
    balancer().handle(LISTENER, exchange);
    if (one.ended || one.sends > 0) return;
    one.waited = true;
    if (!pool) return broken("one outcome", `${describeTracked(one)} has no route and no end`);
    pool.waiting.add(one);
    if (pool.waiting.size > pool.config.queue.limit)
      broken("queue limit", `${pool.waiting.size} wait in ${pool.name}, and ${pool.config.queue.limit} may`);
  }

  return {
    ask(id, step, over = () => {}) {
      coming.set(id, step);
      const cookies = [`user=u${step.user}`, ...(step.stuckTo === undefined ? [] : [`lb=${step.stuckTo}`])];
      const headers = ["host", "shop.test", "cookie", cookies.join("; "), ID_HEADER, id];
      const body = step.hasBody ? "{}" : undefined;
      const sent = users.send(
        { host: "127.0.0.1", port: BALANCER_PORT },
        { method: step.method, target: `/${step.pool}/${id}`, headers, body },
        { answered: over, failed: over },
      );
      if (step.leavesAfterMs !== undefined) clock.after(step.leavesAfterMs, () => sent.leave());
    },
    accept,
    recorded: () => void (open -= 1),
    ofExchange: (exchange) => exchanges.get(exchange),
    byId: (id) => tracked.get(id),
    tracked,
    get open() {
      return open;
    },
  };
}
