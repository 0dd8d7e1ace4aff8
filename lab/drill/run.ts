import type { Cancel } from "../../runtime/clock.ts";
import type { PaceSet, Undo } from "../../scenarios/scenario.ts";
import type { Snapshot, World } from "../world/world.ts";
import { rejectWhenAborted, whenAborted } from "./aborts.ts";
import type { Procedure } from "./procedure.ts";
import { over, type Ending } from "./ending.ts";
import type { DrillEvent } from "./events.ts";
import { failureOf, interruptionOf } from "./failure.ts";
import type { ActQueue } from "./act-queue.ts";
import type { OutsideSteps } from "./outside-steps.ts";
import type { Measures } from "./measures.ts";
import { putBack } from "./put-back.ts";
import type { Recorder } from "./recorder.ts";
import type { Result } from "./result.ts";
import { DrillStopped } from "./stop-cause.ts";

export interface RunDeps {
  readonly world: World;
  readonly pace: PaceSet;
  readonly timeLimitMs: number | null;
  readonly goesOn?: ((signal: AbortSignal) => Promise<boolean>) | undefined;
  /** The journal's first line. */
  readonly created: () => DrillEvent;
  readonly recorder: Recorder;
  readonly procedure: Procedure;
  readonly ending: Ending;
  readonly actQueue: ActQueue;
  readonly outside: OutsideSteps;
  readonly measures: Measures;
  /** Stops all that measures users. */
  readonly stopMeters: () => void;
}

/**
 * Runs a drill once, from the world's start to its reset. Rejects with its error, and always puts everything back; only an
 * interrupted drill is left as it is.
 */
export async function runDrill(deps: RunDeps, outer: AbortSignal): Promise<Result> {
  const { recorder, ending } = deps;
  const begun = createBegun();
  const quiet = (): void => {
    begun.stop();
    deps.measures.stop();
    deps.stopMeters();
    ending.close();
  };
  try {
    // An interruption does not wait for a step that takes no signal.
    return await Promise.race([playAndReset(deps, begun, outer, quiet), rejectWhenAborted(outer)]);
  } catch (error) {
    if (outer.aborted) recorder.recordIfPossible(interruptionOf(outer.reason));
    throw error;
  } finally {
    if (outer.aborted) recorder.close(over());
    quiet();
  }
}

/** What a run has begun, to be stopped and put back. */
interface Begun {
  readonly undos: Undo[];
  readonly cancels: Cancel[];
  start: Snapshot | undefined;
  stop(): void;
}

function createBegun(): Begun {
  const cancels: Cancel[] = [];
  return {
    undos: [],
    cancels,
    start: undefined,
    stop: () => cancels.splice(0).forEach((cancel) => cancel()),
  };
}

async function playAndReset(
  deps: RunDeps,
  begun: Begun,
  outer: AbortSignal,
  quiet: () => void,
): Promise<Result> {
  const { recorder } = deps;
  let result: Result;
  try {
    result = await play(deps, begun, outer);
  } catch (error) {
    if (!outer.aborted) recorder.recordIfPossible(failureOf(error, recorder.state));
    throw error;
  } finally {
    quiet();
    if (begun.start && !outer.aborted) await reset(deps, begun, begun.start);
  }
  const resetEqual = recorder.state.reset?.equal;
  return resetEqual === undefined ? result : { ...result, resetEqual };
}

/** From the first line of the journal to the result. */
async function play(deps: RunDeps, begun: Begun, outer: AbortSignal): Promise<Result> {
  const { world, pace, recorder, procedure, ending, timeLimitMs } = deps;
  const tampered = new AbortController();
  const signal = AbortSignal.any([outer, recorder.failed, tampered.signal]);
  signal.throwIfAborted();
  recorder.record(deps.created());
  // It takes no signal, and a lost journal would be noticed only when it is over.
  await Promise.race([world.start(pace.topology, pace.workload), rejectWhenAborted(signal)]);
  begun.cancels.push(
    world.watchInstruments((reason) => tampered.abort(new DrillStopped("DRILL_VOID", "instruments", reason))),
  );
  begun.start = await world.snapshot();
  deps.measures.begin();
  const opened = await procedure.open(signal, begun.undos, () => {
    const { watchOutside } = world;
    const seen = watchOutside?.((step) => recorder.guarded(() => deps.outside.seen(step))());
    if (seen) begun.cancels.push(seen);
  });
  if (opened.outcome) ending.finish(opened.outcome);
  else if (timeLimitMs !== null)
    begun.cancels.push(
      world.clock.after(
        timeLimitMs,
        recorder.guarded(() => ending.finish("time-limit")),
      ),
    );
  do await underWay(deps, signal);
  while (!(await procedure.lasts(signal)) && (await goesOn(deps, signal)));
  return procedure.close(opened);
}

async function underWay({ recorder, ending, actQueue }: RunDeps, signal: AbortSignal): Promise<void> {
  await Promise.race([whenAborted(ending.signal), rejectWhenAborted(signal)]);
  if (recorder.state.phase !== "ending") recorder.record({ event: "ending", reason: ending.reason });
  await actQueue.idle();
}

/** Whether the trainee goes on after a repair that did not last. */
async function goesOn(deps: RunDeps, signal: AbortSignal): Promise<boolean> {
  const { world, recorder, ending, timeLimitMs } = deps;
  const until = timeLimitMs === null ? Infinity : (recorder.state.impactAt ?? 0) + timeLimitMs;
  const isLate = (): boolean => world.clock.wall() >= until;
  // What a measure ended is no repair of the trainee's.
  if (ending.reason === "prevented" || ending.reason === "caught") return false;
  // The limit may pass while the question waits for its answer.
  if (!deps.goesOn || isLate() || !(await deps.goesOn(signal)) || isLate()) return false;
  ending.reopen();
  return true;
}

async function reset(
  { world, recorder, actQueue }: RunDeps,
  { undos }: Begun,
  start: Snapshot,
): Promise<void> {
  await actQueue.idle();
  const begun = world.clock.now();
  const differences = await putBack(world, undos, start);
  const ms = Math.round(world.clock.now() - begun);
  recorder.record({ event: "reset", equal: differences.length === 0, ms, differences });
}
