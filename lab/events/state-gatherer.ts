import type { Clock } from "../../runtime/clock.ts";
import { statusFrom, upstreamRates, type StatusDeps } from "../trainee/status.ts";
import type { StatusView } from "../trainee/views.ts";
import type { World } from "../world/world.ts";

/** The evaluator scrapes once a second: more frequent queries give nothing new. */
const RATES_EVERY_MS = 1000;
/** How long a turn waits for an answer; one that takes longer is used in a later turn. */
const WAIT_MS = 150;
/** A query without an answer for so long counts as unanswered. */
const OVERDUE_MS = 1000;

export interface StateGathererDeps extends Omit<StatusDeps, "world"> {
  readonly clock: Clock;
  /** Undefined before there is one. */
  readonly world: () => World | undefined;
}

/**
 * The lab at a glance, four times a second: users and units are up to date whether or not balancer and evaluator answer.
 */
export function createStateGatherer({
  clock,
  world: current,
  ...deps
}: StateGathererDeps): () => Promise<StatusView | undefined> {
  let asked: ReturnType<typeof askingOf> | undefined;

  const askingOf = (world: World) => ({
    world,
    pools: latestAnswer(clock, 0, () => world.sight.pools()),
    rates: latestAnswer(clock, RATES_EVERY_MS, () => upstreamRates(world.monitoring)),
  });

  return async () => {
    const world = current();
    if (!world) return undefined;
    if (asked?.world !== world) asked = askingOf(world);
    const [pools, rates] = await Promise.all([asked.pools(), asked.rates()]);
    return statusFrom({ ...deps, world: () => world }, { pools, rates });
  };
}

/** Polls, one request at a time, and returns the last answer; undefined where none comes. */
function latestAnswer<T>(
  clock: Clock,
  everyMs: number,
  ask: () => Promise<T | undefined>,
): () => Promise<T | undefined> {
  let answer: T | undefined;
  let askedAt = -Infinity;
  let underWay: Promise<void> | undefined;
  return async () => {
    if (!underWay && clock.now() - askedAt >= everyMs) {
      askedAt = clock.now();
      underWay = ask()
        .catch(() => undefined)
        .then((got) => {
          answer = got;
          underWay = undefined;
        });
    }
    if (underWay) await within(clock, WAIT_MS, underWay);
    return underWay && clock.now() - askedAt >= OVERDUE_MS ? undefined : answer;
  };
}

async function within(clock: Clock, ms: number, promise: Promise<void>): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
  await Promise.race([promise, late]);
  cancel();
}
