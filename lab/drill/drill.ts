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
import type { Actor } from "../trainee/actor.ts";
import type { OutsideStep, Snapshot, World } from "../world/world.ts";
import { rejectWhenAborted, whenAborted } from "./aborts.ts";
import { createClockGuard } from "./clock-guard.ts";
import { createCourse } from "./course.ts";
import { createDesk, type Desk } from "./desk.ts";
import {
  JOURNAL_SCHEMA,
  type DrillContext,
  type DrillEvent,
  type EndReason,
  type JournalLine,
} from "./events.ts";
import { createHands } from "./hands.ts";
import { createHarmMeter } from "./harm-meter.ts";
import { createImpactMeter } from "./impact-meter.ts";
import type { Journal } from "./journal.ts";
import { createOnCall } from "./on-call.ts";
import { perform } from "./perform.ts";
import { putBack } from "./put-back.ts";
import { createRecorder } from "./recorder.ts";
import type { Result } from "./result.ts";
import { seal } from "./seal.ts";
import type { DrillState } from "./state.ts";
import { DrillStopped, stopCauseOf } from "./stop-cause.ts";
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
  /** Who drills, and where. Absent: nobody keeps the record. */
  readonly context?: DrillContext;
  /** Where a scenario of somebody's own lies; absent: it is one of the lab's. */
  readonly source?: string;
  /** Who drills. Default trainee. */
  readonly actor?: Actor;
  /** Asked when a repair did not last: whether the trainee goes on. Absent: never. */
  readonly goesOn?: (signal: AbortSignal) => Promise<boolean>;
}

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
  const { actor = "trainee" } = options;
  const traffic = createTraffic({ users });
  const watch = createWatch({
    clock,
    traffic,
    pace,
    patienceMs,
    everyMs: timing.judgeEveryMs,
    quietSince: () => hands.quietSince(),
  });
  const meter = createImpactMeter({
    clock,
    traffic,
    users,
    forMs: timing.measureForMs,
    restarts: restartCounts,
  });
  const harm = createHarmMeter({ clock, traffic, pace });
  const hands = createHands({
    clock,
    perform: (step, by) => perform(step, by, { world, journal }),
    before() {
      // Asked in time, and yet too late: the drill ended while it waited for its turn.
      assertUnderWay();
      meter.close();
    },
    after(step, by, { result: { ok, message, findings }, more }, ms) {
      const action = describeAction(step);
      const found =
        findings === undefined ? {} : { findings: [...new Set(findings.map(({ code }) => code))] };
      const subject = subjectOf(step, world.sight);
      record({ event: "acted", action, subject, ok, message, ms, by, ...more, ...found });
      if (ok) harm.stepped(clock.wall() - ms, clock.wall());
    },
  });
  const tampered = new AbortController();
  const clockGuard = createClockGuard(clock);
  /** When the last step past the lab was seen (epoch ms). */
  let outsideAt = 0;
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
    quietSince: () => Math.max(hands.quietSince(), outsideAt),
    strangers: async () => (await world.strangers?.()) ?? [],
    ringing: () => onCall.ringing(),
  };

  /** Aborted by whoever ends the drill, and when it is over in any way; a new one when the trainee goes on. */
  let ended = new AbortController();
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
    harm,
    journal,
    parts,
  });
  const desk = createDesk({
    scenario,
    actor,
    recorder,
    hands,
    onCall,
    parts,
    components,
    assertUnderWay,
    ended: () => ended.signal,
  });

  world.onProbe((report) => traffic.probed(report));
  world.onLoad((report) => traffic.loaded(report));
  watch.onTick(guarded(onTick));

  function onTick(): void {
    recorder.assertKept();
    clockGuard.assertSteady();
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

  function onOutside({ config, ...step }: OutsideStep): void {
    const { phase } = recorder.state;
    if (phase !== "changed" && phase !== "open") return;
    outsideAt = clock.wall();
    meter.close();
    const more = config === undefined ? {} : { config: journal.keepChange(config.before, config.after) };
    record({ event: "noticed", ...step, ok: true, ms: 0, ...more });
    harm.stepped(outsideAt, outsideAt);
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
    const reason = messageOf(error).trim();
    if (error instanceof CodedError && error.code === "DRILL_VOID")
      return { event: "void", reason, because: stopCauseOf(error, "instruments") };
    if (recorder.state.steadyAt === null)
      return { event: "refused", reason, because: stopCauseOf(error, "not-started") };
    const event = error instanceof CodedError && error.code === "DRILL_REFUSED" ? "refused" : "void";
    return { event, reason, because: stopCauseOf(error, "change") };
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
      const signal = AbortSignal.any([outer, recorder.failed, tampered.signal]);
      const undos: Undo[] = [];
      const { id, seed, timeLimitMs } = options;
      let start: Snapshot | undefined;
      let limit: Cancel | undefined;
      let unwatch: Cancel | undefined;
      let unguard: Cancel | undefined;

      const underWay = async (): Promise<void> => {
        await Promise.race([whenAborted(ended.signal), rejectWhenAborted(signal)]);
        if (recorder.state.phase !== "ending") record({ event: "ending", reason: endReason });
        await hands.idle();
      };
      const goesOn = async (): Promise<boolean> => {
        const until = timeLimitMs === null ? Infinity : (recorder.state.impactAt ?? 0) + timeLimitMs;
        if (!options.goesOn || clock.wall() >= until || !(await options.goesOn(signal))) return false;
        ended = new AbortController();
        record({ event: "resumed" });
        return true;
      };
      const life = async (): Promise<Result> => {
        signal.throwIfAborted();
        record({
          event: "created",
          schemaVersion: JOURNAL_SCHEMA,
          drill: id,
          alias: scenario.alias,
          seed,
          sealed: seal(id, scenario.id),
          timeLimitMs,
          fault: options.fault,
          ...(options.source === undefined ? {} : { sealedSource: seal(id, options.source) }),
          ...options.context,
        });
        // It hears of no signal, and whoever waits for it would hear of a lost journal only when it is over.
        await Promise.race([world.start(pace.topology, pace.workload), rejectWhenAborted(signal)]);
        unguard = world.watchInstruments((reason) =>
          tampered.abort(new DrillStopped("DRILL_VOID", "instruments", reason)),
        );
        start = await world.snapshot();
        const steady = await course.open(signal, undos, () => {
          unwatch = world.watchOutside?.((step) => guarded(() => onOutside(step))());
        });
        if (timeLimitMs !== null)
          limit = clock.after(
            timeLimitMs,
            guarded(() => finish("time-limit")),
          );
        do await underWay();
        while (!(await course.lasts(signal)) && (await goesOn()));
        return course.close(steady);
      };

      const quiet = (): void => {
        limit?.();
        unwatch?.();
        unguard?.();
        meter.stop();
        harm.stop();
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
        const result = await lifeThenReset();
        const resetEqual = recorder.state.reset?.equal;
        return resetEqual === undefined ? result : { ...result, resetEqual };
      };
      const lifeThenReset = async (): Promise<Result> => {
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
            because: stopCauseOf(why, why instanceof CodedError ? "instruments" : "interrupted"),
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
