import { describeTracked } from "./tracked-request.ts";
import type { UserSide } from "./user-side.ts";
import { availableOf, type PoolFacts } from "./facts.ts";
import type { Findings } from "./findings.ts";

const AT_LEAST = 60;

export interface Quiet {
  readonly done: boolean;
  readonly id: (turn: number) => string;
  readonly count: number;
}

/** Requests one by one to a pool in which all is well, each of another user: whole rounds of its weights. */
export function askOneByOne(userSide: Pick<UserSide, "ask">, pool: PoolFacts, nowMs: () => number): Quiet {
  const weights = availableOf(pool).reduce((sum, { weight }) => sum + weight, 0);
  const count = weights * Math.ceil(AT_LEAST / weights);
  const id = (turn: number): string => `quiet-${pool.name}-${turn}`;
  let done = false;
  function next(turn: number): void {
    if (turn === count) return void (done = true);
    const step = {
      at: nowMs(),
      do: "request",
      pool: pool.name,
      user: turn,
      method: "GET",
      hasBody: false,
    } as const;
    userSide.ask(id(turn), step, () => next(turn + 1));
  }
  next(0);
  return {
    id,
    count,
    get done() {
      return done;
    },
  };
}

/** Checks that every request was answered, and each upstream had its share. */
export function judgeQuiet(
  userSide: Pick<UserSide, "byId">,
  pool: PoolFacts,
  quiet: Quiet,
  { broken }: Findings,
): void {
  const { count, id } = quiet;
  if (!quiet.done) return broken("recovery", `${pool.name} no longer answers, with nothing wrong any more`);
  const got = new Map<string, number>();
  for (let turn = 0; turn < count; turn++) {
    const tracked = userSide.byId(id(turn));
    if (tracked?.status !== 200 || !tracked.last)
      return broken(
        "recovery",
        `${tracked ? describeTracked(tracked) : id(turn)} got ${tracked?.status}, all being well`,
      );
    got.set(tracked.last.name, (got.get(tracked.last.name) ?? 0) + 1);
  }
  const available = availableOf(pool);
  const weights = available.reduce((sum, { weight }) => sum + weight, 0);
  for (const { name, weight } of available) {
    const [share, own] = [weight / weights, got.get(name) ?? 0];
    if (!isShare(pool.config.policy, own, count, share))
      broken(
        "shares by weight",
        `${pool.name}/${name} got ${own} of ${count} by ${pool.config.policy.type}, weight ${weight} of ${weights}`,
      );
  }
}

/** Smooth turns leave no upstream further behind than this, wherever in the sequence one begins to count. */
const TURNS = 2;
/** So unlikely a share comes about by chance once in e^30 times. */
const NATS = 30;
/** How far the arcs of a ring may be from their weights: 160 points for a weight of 1. */
const RING = 0.5;
/** Places of the smallest table that plans have. */
const TABLE = 101;

function isShare(policy: PoolFacts["config"]["policy"], got: number, count: number, share: number): boolean {
  // All requests come from one address, and so all go to one upstream.
  if ("key" in policy && policy.key === "peer") return true;
  switch (policy.type) {
    case "round-robin":
      return Math.abs(got - share * count) <= TURNS;
    case "random":
    case "random-two":
      return isLikely(got, count, share, share);
    case "ring-hash":
      return isLikely(got, count, share * (1 - RING), share * (1 + RING));
    case "maglev":
      return isLikely(got, count, share - 1 / TABLE, share + 1 / TABLE);
    // Judged pick by pick: shares of an idle pool are not by weight with these.
    case "first":
    case "least-connections":
    case "peak-ewma":
      return true;
  }
}

/** Chernoff's bound: whether `got` of `count` may come of a probability between these two. */
function isLikely(got: number, count: number, from: number, to: number): boolean {
  const is = got / count;
  const nearest = Math.min(Math.max(is, from), to, 1);
  return count * divergence(is, Math.max(nearest, 0)) <= NATS;
}

function divergence(p: number, q: number): number {
  const part = (a: number, b: number): number => (a === 0 ? 0 : b === 0 ? Infinity : a * Math.log(a / b));
  return part(p, q) + part(1 - p, 1 - q);
}
