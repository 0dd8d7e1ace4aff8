import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { JournalLine } from "../drill/events.ts";
import type { Result } from "../drill/result.ts";
import type { DrillState } from "../drill/state.ts";
import type { DrillTerms } from "../trainee/drill-terms.ts";
import { createLooks } from "../trainee/looks.ts";
import { OPERATION_NAMES, type OperationName } from "../trainee/routes.ts";
import { traineeOf, type Trainee } from "../trainee/trainee.ts";
import { assertTogether, measured, type MeasureOptions } from "../measures/choice.ts";
import type { Platform } from "../world/simulated/platform.ts";
import { createVirtualTime, STEP_MS } from "../world/simulated/virtual-time.ts";
import { createInProcessTrainee } from "./trainee.ts";
import { createVirtualDrill, type VirtualDrill } from "./virtual-drill.ts";

const STOP_WITHIN_MS = 60_000;

/** Something that the person did or looked at, after so many steps. */
export interface RecordedCall {
  readonly step: number;
  readonly name: OperationName;
  readonly input: object;
}

/** What the person did in a session, after how many steps, and what came of it: a replay makes it again. */
export interface SessionRecord {
  readonly calls: readonly RecordedCall[];
  readonly steps: number;
  /** Of all that happened in these steps. */
  readonly digest: string;
}

export interface SessionConfig {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Default drill. */
  readonly pace?: PaceName;
  readonly timeLimitMs?: number | null;
  /** With false the change is left out: a lab that is well. Default true. */
  readonly fault?: boolean;
  /** Corrective measures that are on, with their options. Default none. */
  readonly measures?: MeasureOptions;
  /** Brief, story and bar. */
  readonly terms?: DrillTerms;
}

export interface SessionDeps {
  readonly platform: Platform;
  readonly onEvent?: (line: JournalLine, state: DrillState) => void;
  /** Each line of the event log. */
  readonly onLine?: (line: string) => void;
}

/**
 * A drill in virtual time for a person. Steps and calls alternate, never overlap: the same calls after the same steps make the same
 * drill to the last bit, at whatever speed it ran.
 */
export interface VirtualSession extends Pick<VirtualDrill, "world" | "drill" | "journal" | "bus"> {
  /** Steps that have passed. */
  readonly steps: number;
  /** The drill's result: undefined while it goes on. */
  readonly result: Result | undefined;
  /** Why there will be no result. */
  readonly failure: Error | undefined;
  /** Makes the calls that have come meanwhile, then lets one step pass, unless the drill is over. */
  step(): Promise<void>;
  /** Makes the calls that have come meanwhile: a page whose time is paused gets its answers all the same. */
  settle(): Promise<void>;
  /** Calls wait for the end of the running step; those that are no page's refresh are recorded. */
  readonly trainee: Trainee;
  /** Like a call, waits for the end of the running step: half a step can be replayed by nobody. */
  record(): Promise<SessionRecord>;
  /** Ends the drill where it is. */
  close(): Promise<void>;
}

export function openVirtualSession(
  config: SessionConfig,
  { platform, onEvent, onLine }: SessionDeps,
): VirtualSession {
  const { seed, pace = "drill", timeLimitMs = null, fault = true, terms } = config;
  const choice = assertTogether({ with: config.measures ?? {}, without: [] });
  const { scenario, measures } = measured(config.scenario, choice, pace, seed);
  const time = createVirtualTime(platform);
  const virtual = createVirtualDrill(scenario, {
    seed,
    pace,
    bucketMs: 1000,
    fault,
    actor: "trainee",
    measures,
    timeLimitMs,
    time,
    platform,
    onLine,
    onEvent,
  });
  const { world, drill } = virtual;
  const closed = new AbortController();
  const looks = createLooks({ clock: world.clock, record: (subject) => drill.looked(subject) });
  const local = createInProcessTrainee(world, drill, {
    signal: closed.signal,
    actor: "trainee",
    terms,
    looked: (subject) => looks.seen(subject),
  });
  const calls: RecordedCall[] = [];
  const waiting: (() => void)[] = [];
  let steps = 0;
  let result: Result | undefined;
  let failure: Error | undefined;

  drill.run(closed.signal).then(
    (came) => void (result = came),
    (error: unknown) => void (failure = error instanceof Error ? error : new Error(String(error))),
  );

  const isOver = (): boolean => result !== undefined || failure !== undefined;

  /** Makes the calls that have come since the last step. */
  async function settle(): Promise<void> {
    while (waiting.length > 0) {
      // One after the other, in the order in which they were called.
      waiting.shift()?.();
      await time.run(0);
    }
  }

  return {
    world,
    drill,
    journal: virtual.journal,
    bus: virtual.bus,
    get steps() {
      return steps;
    },
    get result() {
      return result;
    },
    get failure() {
      return failure;
    },
    async step() {
      await settle();
      if (isOver()) return;
      await time.run(STEP_MS);
      steps += 1;
    },
    settle,
    trainee: traineeOf(OPERATION_NAMES, (name, input, options) => {
      const call = local[name] as (input: object, options: object) => Promise<unknown>;
      return new Promise((resolve, reject) => {
        waiting.push(() => {
          if (options.background !== true && !isOver()) calls.push({ step: steps, name, input });
          call(input, options).then(resolve, reject);
        });
      });
    }),
    record: () =>
      new Promise((resolve) =>
        waiting.push(() => resolve({ calls: [...calls], steps, digest: virtual.digest() })),
      ),
    async close() {
      closed.abort(new Error("the drill was left"));
      await settle();
      // Units take their time to stop, and it is virtual.
      await time.runUntil(world.stop(), { limitMs: STOP_WITHIN_MS, waitsFor: () => "its units to stop" });
    },
  };
}

/** A recorded session that is replayed a step at a time. */
export interface Replay {
  /** Makes the calls of this step, and lets the next one pass. False: it is at its last step, or the drill is over. */
  step(): Promise<boolean>;
}

/** What a replay needs of a record. */
type RecordedSession = Pick<SessionRecord, "calls" | "steps">;

/** The record of a session in which nothing else is going on. */
export async function recordOf(session: VirtualSession): Promise<SessionRecord> {
  const record = session.record();
  await session.settle();
  return record;
}

export function createReplay({ calls, steps }: RecordedSession, session: VirtualSession): Replay {
  let next = 0;
  return {
    async step() {
      for (let call = calls[next]; call?.step === session.steps; call = calls[(next += 1)])
        // The answer went to the original caller.
        void repeated(session.trainee, call).catch(() => {});
      const before = session.steps;
      if (before >= steps) await session.settle();
      else await session.step();
      return session.steps > before;
    },
  };
}

/** Replays a recorded session to its last step, and gives what came of it. `onStep` is called after each step. */
export async function replaySession(
  recorded: RecordedSession,
  session: VirtualSession,
  onStep: (step: number) => void = () => {},
): Promise<SessionRecord> {
  const replay = createReplay(recorded, session);
  while (await replay.step()) onStep(session.steps);
  return recordOf(session);
}

const repeated = (trainee: Trainee, { name, input }: RecordedCall): Promise<unknown> =>
  (trainee[name] as (input: object) => Promise<unknown>)(input);
