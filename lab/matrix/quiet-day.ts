import { sleep } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import { seeded } from "../../runtime/random.ts";
import type { Topology, Workload } from "../../scenarios/scenario.ts";
import { browsing, database, webBackends, webConfig } from "../../scenarios/shop.ts";
import { exactInterval } from "../contract/interval.ts";
import { labMetrics } from "../control/metrics.ts";
import type { DrillEvent } from "../drill/events.ts";
import { createHeldChanges } from "../drill/held-changes.ts";
import { createMeasures } from "../drill/measures.ts";
import { effectsOf, namesOf, type Choice } from "../measures/choice.ts";
import { MEASURE_MINUTE_MS } from "../measures/kind.ts";
import type { Platform } from "../world/simulated/platform.ts";
import { createVirtualTime } from "../world/simulated/virtual-time.ts";
import { createSimulatedWorld } from "../world/simulated/world.ts";
import { quietPushes } from "./good-pushes.ts";

/** What measures cost on a day on which nothing is wrong. */
export interface QuietDay {
  readonly measures: readonly string[];
  readonly pushes: number;
  readonly blockedGood: number;
  readonly falseRollbacks: number;
  readonly delayMinutesPerPush: number;
  /** Pages, and suspicions that somebody reads, beyond those of a day without measures. */
  readonly extraPages: number;
  /** Exact 95 % interval of the share of good pushes that were blocked or rolled back. */
  readonly interval: readonly [low: number, high: number];
}

export interface QuietTask {
  readonly quiet: true;
  readonly seed: number;
  readonly choice: Choice;
}

/** What happened on one such day. */
export interface QuietRun {
  readonly pushes: number;
  readonly blockedGood: number;
  readonly falseRollbacks: number;
  readonly heldMs: number;
  readonly pages: number;
  readonly suspicions: number;
}

const SERVICE_MS = 50;
const PACE = "drill";
const MINUTE_MS = MEASURE_MINUTE_MS[PACE];
/** Between two pushes, and after the last: longer than anything watches. */
const MINUTES_BETWEEN = 5;
const MINUTES_AFTER = 45;
const CALM_MS = 60_000;
const LIMIT_MS = 24 * 3_600_000;

/** Five web servers, and a night's twenty requests a second. */
const TOPOLOGY: Topology = {
  config: webConfig([1, 1, 1, 1, 1]),
  backends: [...webBackends(5, { slots: 4, serviceMs: SERVICE_MS, queueLimit: 40 }), database],
};
const WORKLOAD: Workload = {
  ...browsing,
  loadRequestsPerSecond: 10,
  users: { ...browsing.users, count: 50 },
};

export async function runQuietDay({ seed, choice }: QuietTask, given: Platform): Promise<QuietRun> {
  const effects = effectsOf(choice, PACE, seed);
  const texts = effects.reduce((made, { monitoring }) => monitoring?.(made) ?? made, given.texts);
  const time = createVirtualTime(given);
  const world = createSimulatedWorld({ seed }, { time, platform: { ...given, texts }, labMetrics });
  const { clock, stage } = world;
  const events: DrillEvent[] = [];
  const measures = createMeasures({
    measures: effects.flatMap(({ measure }) => measure ?? []),
    world,
    recorder: { record: (event) => void events.push(event), guarded: (run) => run },
    held: createHeldChanges(clock),
    act: (step, by) => world.act(step, by),
  });
  let pages = 0;
  world.monitoring.onNotified(({ alert, again }) => {
    if (alert.severity === "page" && !again) pages += 1;
  });
  let notTakenCount = 0;
  const pushes = quietPushes(seeded(seed).fork("quiet day"), SERVICE_MS);
  async function live(): Promise<number> {
    const never = new AbortController().signal;
    await world.start(TOPOLOGY, WORKLOAD);
    measures.begin();
    await sleep(clock, CALM_MS, never);
    await measures.guard();
    let bad = 0;
    /** The balancer refused it: a canary was under way. */
    const notTaken = (error: unknown): void => {
      if (!(error instanceof CodedError)) throw error;
      notTakenCount += 1;
    };
    const made: Promise<unknown>[] = [];
    for (const push of pushes) {
      const before = events.length;
      const done = push.make(stage).then(() => {
        // The bad one is refused rightly.
        if (!push.isGood && events.slice(before).some(({ event }) => event === "prevented")) bad += 1;
      }, notTaken);
      made.push(done);
      await Promise.race([done, sleep(clock, MINUTES_BETWEEN * MINUTE_MS, never)]);
      await sleep(clock, MINUTES_BETWEEN * MINUTE_MS, never);
    }
    await Promise.all(made);
    await sleep(clock, MINUTES_AFTER * MINUTE_MS, never);
    measures.stop();
    await world.stop();
    return bad;
  }

  const bad = await time.runUntil(live(), { limitMs: LIMIT_MS, waitsFor: () => "a quiet day to end" });
  const of = <Event extends DrillEvent["event"]>(event: Event) =>
    events.filter((one): one is DrillEvent & { event: Event } => one.event === event);
  return {
    pushes: pushes.filter(({ isGood }) => isGood).length,
    blockedGood: of("prevented").filter(({ isAct }) => !isAct).length - bad + notTakenCount,
    falseRollbacks: of("caught").length,
    heldMs: of("held").reduce((sum, { ms }) => sum + ms, 0),
    pages,
    suspicions: of("suspected").length,
  };
}

/** A day's costs beside the day without measures. */
export function quietDayOf(choice: Choice, run: QuietRun, without: QuietRun): QuietDay {
  const { pushes, blockedGood, falseRollbacks, heldMs } = run;
  const { low, high } = exactInterval(Math.min(pushes, blockedGood + falseRollbacks), pushes);
  return {
    measures: namesOf(choice),
    pushes,
    blockedGood,
    falseRollbacks,
    delayMinutesPerPush: Math.round((heldMs / MINUTE_MS / pushes) * 10) / 10,
    extraPages: Math.max(0, run.pages - without.pages) + run.suspicions,
    interval: [round(low), round(high)],
  };
}

const round = (ratio: number): number => Math.round(ratio * 10_000) / 10_000;
