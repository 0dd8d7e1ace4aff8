import { paceOf, type PaceName, type PaceSet, type Scenario } from "../../scenarios/scenario.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import type { Traffic } from "../judge/traffic.ts";
import type { Wellness } from "../judge/well.ts";
import type { Measure } from "../measures/measure.ts";
import type { Actor } from "../trainee/actor.ts";
import type { World } from "../world/world.ts";
import { actLine } from "./act-line.ts";
import { createClockGuard } from "./clock-guard.ts";
import { componentsOf } from "./components.ts";
import { createProcedure, type Procedure } from "./procedure.ts";
import { createTraineeSide, type TraineeSide } from "./trainee-side.ts";
import { createEnding, type Ending } from "./ending.ts";
import { JOURNAL_SCHEMA, type DrillContext, type DrillEvent, type JournalLine } from "./events.ts";
import { createActQueue, type ActQueue } from "./act-queue.ts";
import { createHeldChanges } from "./held-changes.ts";
import type { HarmMeter } from "./harm-meter.ts";
import type { ImpactMeter } from "./impact-meter.ts";
import type { Journal } from "./journal.ts";
import { createMeasures } from "./measures.ts";
import { createMeters, type Meters } from "./meters.ts";
import { createOnCall } from "./on-call.ts";
import { outcomeOf } from "./outcome.ts";
import { createOutsideSteps } from "./outside-steps.ts";
import { perform } from "./perform.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import type { Result } from "./result.ts";
import { runDrill } from "./run.ts";
import { seal } from "./seal.ts";
import type { DrillState } from "./state.ts";
import { logUsers } from "./users-log.ts";

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
  /** Who drills, and where. Absent: the record names nobody. */
  readonly context?: DrillContext;
  /** Where a scenario of somebody's own lies; absent: it is one of the lab's. */
  readonly source?: string;
  /** Corrective measures that are on. Default none. */
  readonly measures?: readonly Measure[];
  /** Who drills. Default trainee. */
  readonly actor?: Actor;
  /** Called when a repair did not last: whether the trainee goes on. Absent: never. */
  readonly goesOn?: (signal: AbortSignal) => Promise<boolean>;
}

/** One run of a scenario, from the briefing to the reset. */
export interface Drill extends TraineeSide {
  readonly scenario: Scenario;
  readonly pace: PaceSet;
  readonly state: DrillState;
  readonly traffic: Traffic;
  /** How users are, over the last 10 s. */
  readonly wellness: Wellness;
  /**
   * Runs the whole drill. Rejects with its error, DRILL_REFUSED or DRILL_VOID where that is the drill's own verdict, and
   * always puts everything back. Only an interrupted one is left as it is: its world ends with it.
   */
  run(signal: AbortSignal): Promise<Result>;
  /** Ends the drill as soon as it is under way; later calls change nothing. */
  end(reason?: "asked" | "solved"): void;
}

export function createDrill(scenario: Scenario, options: DrillOptions, deps: DrillDeps): Drill {
  const { world, journal } = deps;
  const pace = paceOf(scenario, options.pace ?? "drill");
  const made = createParts(pace, options, deps);
  const { recorder, ending, meters, actQueue, held, measures, outside, onCall, parts } = made;
  const { traffic, watch, meter, harm } = meters;
  const { seed, fault } = options;
  const procedure = createProcedure({
    scenario,
    pace,
    seed,
    fault,
    world,
    recorder,
    watch,
    meter,
    harm,
    measures,
    journal,
    parts,
  });
  const traineeSide = createTraineeSide({
    scenario,
    actor: options.actor ?? "trainee",
    recorder,
    actQueue,
    held,
    onCall,
    parts,
    admit: (step, by) => world.admit(step, by),
    noted: (step, by, result) => recorder.record(actLine(step, by, result, { ms: 0, sight: world.sight })),
    components: () => componentsOf(world.sight, pace, scenario.diagnosis.words),
    assertUnderWay: ending.assertUnderWay,
    ended: () => ending.signal,
  });
  watchUsers({ world, meters, recorder, procedure, ending, wellForMs: pace.timing.wellForMs });

  return {
    scenario,
    pace,
    get state() {
      return recorder.state;
    },
    traffic,
    get wellness() {
      return watch.wellness(world.clock.wall() - WINDOW_MS);
    },
    run: (outer) =>
      runDrill(
        {
          world,
          pace,
          timeLimitMs: options.timeLimitMs,
          goesOn: options.goesOn,
          created: () => createdLine(scenario, options),
          recorder,
          procedure,
          ending,
          actQueue,
          outside,
          measures,
          stopMeters: meters.stop,
        },
        outer,
      ),
    ...traineeSide,
    end: (reason = "asked") => ending.finish(reason),
  };
}

/** What a drill is made of, as far as it knows no scenario. */
function createParts(pace: PaceSet, options: DrillOptions, { world, journal, onEvent }: DrillDeps) {
  const { clock } = world;
  const recorder = createRecorder({ journal, onEvent });
  const { record, guarded } = recorder;
  const ending = createEnding({ state: () => recorder.state, record });
  const meters = createMeters(pace, world, () => actQueue.quietSince());
  const { traffic, watch, meter, harm } = meters;
  const actQueue = recordedActQueue({ world, journal, recorder, ending, meter, harm });
  const held = createHeldChanges(clock);
  const measures = createMeasures({
    measures: options.measures ?? [],
    world,
    recorder,
    held,
    act: actQueue.act,
  });
  const outside = createOutsideSteps({ clock, recorder, journal, meter, harm });
  const onCall = createOnCall({
    monitoring: world.monitoring,
    record,
    guarded,
    isRecording: () => ending.isUnderWay() || recorder.state.phase === "ending",
    isOnDuty: ending.isUnderWay,
  });
  const parts = {
    clock,
    traffic,
    watch,
    pace,
    quietSince: () => Math.max(actQueue.quietSince(), outside.lastAt),
    foreignPrograms: async () => (await world.foreignPrograms?.()) ?? [],
    ringing: () => onCall.ringing(),
  };
  return { recorder, ending, meters, actQueue, held, measures, outside, onCall, parts };
}

interface RecordedActQueueDeps extends Pick<DrillDeps, "world" | "journal"> {
  readonly recorder: Recorder;
  readonly ending: Ending;
  readonly meter: ImpactMeter;
  readonly harm: HarmMeter;
}

/** An act queue that writes every act to the journal, and measures what it does to users. */
function recordedActQueue({ world, journal, recorder, ending, meter, harm }: RecordedActQueueDeps): ActQueue {
  const { clock, sight } = world;
  return createActQueue({
    clock,
    perform: (step, by) => perform(step, by, { world, journal }),
    before() {
      // Requested in time, and yet too late: the drill ended while it waited for its turn.
      ending.assertUnderWay();
      meter.close();
    },
    after(step, by, { result, more }, ms) {
      recorder.record(actLine(step, by, result, { ms, more, sight }));
      if (result.ok) harm.stepped(clock.wall() - ms, clock.wall());
    },
  });
}

interface WatchedParts {
  readonly world: World;
  readonly meters: Meters;
  readonly recorder: Recorder;
  readonly procedure: Procedure;
  readonly ending: Ending;
  /** For how long users have to be well before a measure's undoing ends the drill. */
  readonly wellForMs: number;
}

/** From here on users are judged at every tick. */
function watchUsers(parts: WatchedParts): void {
  const { world, recorder, procedure, ending } = parts;
  const { traffic, watch, meter } = parts.meters;
  const { clock } = world;
  const clockGuard = createClockGuard(clock);
  world.onProbe((report) => traffic.probed(report));
  world.onLoad((report) => traffic.loaded(report));
  watch.onTick(
    recorder.guarded(() => {
      recorder.assertKept();
      clockGuard.assertSteady();
      const { phase } = recorder.state;
      // The judge does the restart at the end: what users feel of it says nothing of the repair.
      if (phase === "open" || (phase === "ending" && !procedure.rebooting))
        logUsers({ clock, recorder, watch, meter });
      if (isCaught(recorder.state, clock.wall() - parts.wellForMs)) ending.finish("caught");
    }),
  );
}

/** Users are well since `by` (epoch ms) at the latest, and a measure made them so. */
const isCaught = (state: DrillState, by: number): boolean =>
  state.phase === "open" &&
  state.wellSince !== null &&
  state.wellSince <= by &&
  outcomeOf(state)?.outcome === "caught";

/** A journal's first line. */
function createdLine({ id: scenario, alias }: Scenario, options: DrillOptions): DrillEvent {
  const { id, seed, timeLimitMs, fault, source, context } = options;
  return {
    event: "created",
    schemaVersion: JOURNAL_SCHEMA,
    drill: id,
    alias,
    seed,
    sealed: seal(id, scenario),
    timeLimitMs,
    fault,
    ...(source === undefined ? {} : { sealedSource: seal(id, source) }),
    ...context,
  };
}
