import { CodedError, messageOf } from "../../runtime/errors.ts";
import type { Cancel } from "../../runtime/clock.ts";
import { describeAction } from "../../scenarios/action.ts";
import {
  paceOf,
  type PaceName,
  type PaceSet,
  type Scenario,
  type Undo,
  type Workload,
} from "../../scenarios/scenario.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import { createTraffic, type Traffic } from "../judge/traffic.ts";
import type { Wellness } from "../judge/well.ts";
import type { Snapshot, World } from "../world/world.ts";
import { rejectWhenAborted, whenAborted } from "./aborts.ts";
import { createCourse } from "./course.ts";
import { createDesk, type Desk } from "./desk.ts";
import type { DrillEvent, JournalLine } from "./events.ts";
import { createHands } from "./hands.ts";
import { createImpactMeter } from "./impact-meter.ts";
import type { Journal } from "./journal.ts";
import { createOnCall } from "./on-call.ts";
import { putBack } from "./put-back.ts";
import { createRecorder } from "./recorder.ts";
import type { Result } from "./result.ts";
import { seal } from "./seal.ts";
import type { DrillState } from "./state.ts";
import { subjectOf } from "./subject.ts";
import { createWatch, VERDICT_MS } from "./watch.ts";

export interface DrillDeps {
  readonly world: World;
  readonly journal: Journal;
  readonly onEvent: (line: JournalLine, state: DrillState) => void;
}

export interface DrillOptions {
  readonly id: string;
  readonly seed: number;
  /** Default drill. */
  readonly pace?: PaceName;
  readonly timeLimitMs: number | null;
  /** With false the change is left out: what a responder does when nothing is wrong. */
  readonly fault: boolean;
}

type EndReason = "asked" | "solved" | "time-limit";

/** One run of a scenario, from the briefing to the reset. */
export interface Drill extends Desk {
  readonly scenario: Scenario;
  readonly pace: PaceSet;
  readonly state: DrillState;
  readonly traffic: Traffic;
  /** How users are, over the last 10 s. */
  readonly wellness: Wellness;
  /**
   * Lives through the whole drill. Rejects with what stood in its way, DRILL_REFUSED or DRILL_VOID where that is the
   * drill's own verdict, and puts everything back always. Only an interrupted one is left as it is: its world ends with it.
   */
  run(signal: AbortSignal): Promise<Result>;
  /** Ends the drill as soon as it is under way; later calls change nothing. */
  end(reason?: "asked" | "solved"): void;
}

export function createDrill(scenario: Scenario, options: DrillOptions, deps: DrillDeps): Drill {
  const { world, journal } = deps;
  const { clock } = world;
  const pace = paceOf(scenario, options.pace ?? "drill");
  const { timing } = pace;
  const patienceMs = patienceOf(pace.workload);
  const users = pace.workload.users.count;
  const recorder = createRecorder({ journal, onEvent: deps.onEvent });
  const { record, recordIfPossible, guarded } = recorder;
  const traffic = createTraffic({ users });
  const watch = createWatch({
    clock,
    traffic,
    steady: pace.steadyState,
    patienceMs,
    everyMs: timing.judgeEveryMs,
  });
  const meter = createImpactMeter({
    clock,
    traffic,
    users,
    forMs: timing.measureForMs,
    restarts: restartCounts,
  });
  const hands = createHands({
    clock,
    perform: (step) => world.act(step),
    before() {
      // Asked in time, and yet too late: the drill ended while it waited for its turn.
      assertUnderWay();
      meter.close();
    },
    after: (step, { ok, message }, ms) =>
      record({
        event: "acted",
        action: describeAction(step),
        subject: subjectOf(step, world.sight),
        ok,
        message,
        ms,
      }),
  });
  const onCall = createOnCall({
    monitoring: world.monitoring,
    record,
    guarded,
    isRecording: () => isUnderWay() || recorder.state.phase === "ending",
    isOnDuty: isUnderWay,
  });
  const parts = {
    clock,
    traffic,
    watch,
    pace,
    quietSince: () => hands.quietSince(),
    ringing: () => onCall.ringing(),
  };

  /** Aborted by whoever ends the drill, and when it is over in any way. */
  const ended = new AbortController();
  let endReason: EndReason = "asked";

  const course = createCourse({
    scenario,
    pace,
    seed: options.seed,
    fault: options.fault,
    world,
    recorder,
    watch,
    meter,
    parts,
  });
  const desk = createDesk({
    scenario,
    recorder,
    hands,
    onCall,
    parts,
    components,
    assertUnderWay,
    ended: ended.signal,
  });

  world.onProbe((report) => traffic.probed(report));
  world.onLoad((report) => traffic.loaded(report));
  watch.onTick(guarded(onTick));

  function onTick(): void {
    // The restart at the end is the judge's doing: what users feel of it says nothing of the repair.
    if (recorder.state.phase === "open" || (recorder.state.phase === "ending" && !course.rebooting))
      noteUsers();
  }

  function noteUsers(): void {
    const from = clock.wall() - VERDICT_MS;
    // Not before the impact has filled a window, or the good seconds before it would count as a recovery.
    if (recorder.state.impactAt === null || from < recorder.state.impactAt) return;
    const { ok } = watch.wellness(from);
    if (ok === (recorder.state.wellSince !== null)) return;
    record({ event: "users", well: ok, since: new Date(from).toISOString() });
    // Repaired by other means than our actions, which an editor and a signal are.
    if (ok) meter.close(from);
  }

  /** Steady state has been seen, and nobody has ended it. */
  function isUnderWay(): boolean {
    return (
      recorder.state.phase === "steady" ||
      recorder.state.phase === "changed" ||
      recorder.state.phase === "open"
    );
  }

  function assertUnderWay(): void {
    if (recorder.state.phase === "briefing")
      throw new CodedError("USAGE", "the drill has not begun: it waits for steady state");
    if (!isUnderWay() || ended.signal.aborted) throw over();
  }

  /** What a diagnosis can name: pools, units, and what a change brought, also when it is gone again. */
  function components(): string[] {
    const { sight } = world;
    const changed = sight.changes().flatMap(({ subjects }) => subjects);
    const units = sight.units().map(({ name }) => name);
    return [...new Set([...Object.keys(pace.topology.config.pools), ...units, ...changed, "balancer"])];
  }

  function restartCounts(): Record<string, number> {
    return Object.fromEntries(world.sight.units().map((unit) => [unit.name, unit.restarts]));
  }

  function finish(reason: EndReason): void {
    if (ended.signal.aborted) return;
    endReason = reason;
    // Who asks too early gets it as soon as there is something to end.
    if (recorder.state.phase === "open") record({ event: "ending", reason });
    ended.abort(over());
  }

  /** What the journal says of a drill that did not come to a result. */
  function failure(error: unknown): DrillEvent {
    if (error instanceof CodedError && error.code === "DRILL_VOID")
      return { event: "void", reason: error.message };
    const refused =
      recorder.state.steadyAt === null || (error instanceof CodedError && error.code === "DRILL_REFUSED");
    return { event: refused ? "refused" : "void", reason: messageOf(error) };
  }

  return {
    scenario,
    pace,
    get state() {
      return recorder.state;
    },
    traffic,
    get wellness() {
      return watch.wellness(clock.wall() - WINDOW_MS);
    },
    async run(outer) {
      const signal = AbortSignal.any([outer, recorder.failed]);
      const undos: Undo[] = [];
      const { id, seed, timeLimitMs } = options;
      let start: Snapshot | undefined;
      let limit: Cancel | undefined;

      const life = async (): Promise<Result> => {
        signal.throwIfAborted();
        const sealed = seal(id, scenario.id);
        record({ event: "created", drill: id, alias: scenario.alias, seed, sealed, timeLimitMs });
        await world.start(pace.topology, pace.workload);
        start = await world.snapshot();
        const steady = await course.open(signal, undos);
        if (timeLimitMs !== null)
          limit = clock.after(
            timeLimitMs,
            guarded(() => finish("time-limit")),
          );
        await Promise.race([whenAborted(ended.signal), rejectWhenAborted(signal)]);
        if (recorder.state.phase !== "ending") record({ event: "ending", reason: endReason });
        await hands.idle();
        return course.close(steady, signal);
      };

      const quiet = (): void => {
        limit?.();
        meter.stop();
        watch.stop();
        if (!ended.signal.aborted) ended.abort(over());
      };
      const reset = async (before: Snapshot): Promise<void> => {
        await hands.idle();
        const begun = clock.now();
        const differences = await putBack(world, undos, before);
        const ms = Math.round(clock.now() - begun);
        record({ event: "reset", equal: differences.length === 0, ms, differences });
      };
      const lifeAndReset = async (): Promise<Result> => {
        try {
          return await life();
        } catch (error) {
          if (!outer.aborted) recordIfPossible(failure(error));
          throw error;
        } finally {
          quiet();
          if (start && !outer.aborted) await reset(start);
        }
      };

      try {
        // Whoever interrupts does not wait for a step that hears of no signal.
        return await Promise.race([lifeAndReset(), rejectWhenAborted(outer)]);
      } catch (error) {
        const { reason: why } = outer;
        if (outer.aborted)
          recordIfPossible({
            event: "void",
            reason: why instanceof CodedError ? why.message : "interrupted",
          });
        throw error;
      } finally {
        if (outer.aborted) recorder.close(over());
        quiet();
      }
    },
    ...desk,
    end: (reason = "asked") => finish(reason),
  };
}

/** How long its users wait for anything at most. */
const patienceOf = ({ users: { timeoutMs, login } }: Workload): number =>
  Math.max(timeoutMs, login?.patienceMs ?? 0) + 1000;

const over = (): CodedError => new CodedError("USAGE", "the drill has ended");
