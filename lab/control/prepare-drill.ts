import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { createSeriesRecorder, type TrafficSeries } from "../chart/series.ts";
import { createDrill, type Drill, type DrillOptions } from "../drill/drill.ts";
import type { DrillContext, JournalLine } from "../drill/events.ts";
import { journalPath, openJournal, type Journal } from "../drill/journal.ts";
import { nextAttempt } from "../drill/past-drills.ts";
import { recordOf, type DrillRecord } from "../drill/record.ts";
import type { Result } from "../drill/result.ts";
import type { DrillState } from "../drill/state.ts";
import { DrillStopped } from "../drill/stop-cause.ts";
import type { LabBus } from "../events/bus.ts";
import { measured, NO_CHOICE, type Choice } from "../measures/choice.ts";
import type { Actor } from "../trainee/actor.ts";
import type { DrillTerms } from "../trainee/drill-terms.ts";
import type { RunDir } from "../world/run/run-dir.ts";
import type { World } from "../world/world.ts";
import { createResultFile } from "./result-file.ts";
import { writeSeries } from "./series-file.ts";

export interface DrillRequest {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly timeLimitMs: number | null;
  readonly fault: boolean;
  /** Who drills, by which lab. Absent: the record names nobody. */
  readonly context?: Pick<DrillContext, "user" | "trainee" | "version">;
  /** Who drills. Default trainee. */
  readonly actor?: Actor;
  /** Where a scenario of somebody's own lies. */
  readonly source?: string | undefined;
  readonly goesOn?: DrillOptions["goesOn"] | undefined;
  /** Corrective measures that are on, and standard ones that are off. Default none. */
  readonly choice?: Choice;
  /** What the trainee may know of it. */
  readonly terms?: DrillTerms | undefined;
  readonly onEvent: (line: JournalLine, state: DrillState) => void;
}

/** A drill of a lab, and what is written of it. */
export interface DrillRun {
  readonly drill: Drill;
  readonly journal: string;
  /** The record that its journal makes now. */
  record(): DrillRecord;
  readonly result: Promise<Result>;
}

export interface PrepareDrillConfig {
  /** `.lab`, as an absolute path. */
  readonly home: string;
  readonly where: DrillContext["world"];
}

export interface PrepareDrillDeps {
  readonly clock: Clock;
  readonly runDir: Pick<RunDir, "noteDrill">;
  readonly bus: LabBus;
  /** Makes the drill's world; its drill can no longer be judged when `onBroken` is called. */
  readonly freshWorld: (seed: number, onBroken: (reason: string) => void) => World;
}

/** A drill that is made and not begun: `run` resolves with its result, its processes ended. */
export interface PreparedDrill extends Omit<DrillRun, "result"> {
  run(): Promise<Result>;
}

const SERIES_BUCKET_MS = 1000;

/** Makes a drill on a fresh world, with its journal, its result file and its chart's series. */
export function prepareDrill(
  request: DrillRequest,
  signal: AbortSignal,
  { home, where }: PrepareDrillConfig,
  { clock, runDir, bus, freshWorld }: PrepareDrillDeps,
): PreparedDrill {
  const id = drillId(clock);
  runDir.noteDrill(id);
  const path = journalPath(home, id);
  const journal = openJournal(path, clock);
  bus.begin({ drill: id, lines: journal.lines });
  const broken = new AbortController();
  const world = freshWorld(request.seed, (reason) =>
    broken.abort(new DrillStopped("DRILL_VOID", "instruments", reason)),
  );
  const { scenario, measures } = measured(
    request.scenario,
    request.choice ?? NO_CHOICE,
    "drill",
    request.seed,
  );
  const attempt = nextAttempt(home, request.scenario.alias, request.context?.trainee);
  const record = (): DrillRecord => recordOf(journal.lines, journal);
  const file = createResultFile(join(dirname(path), "result.json"), record());
  const recorder = createSeriesRecorder({ fromMs: clock.wall(), bucketMs: SERIES_BUCKET_MS });
  world.onProbe((report) => recorder.probed(report));
  world.onLoad((report) => recorder.loaded(report));
  const drill = createDrill(
    scenario,
    { ...optionsOf(request, { id, world: where, attempt }), measures },
    {
      world,
      journal,
      onEvent(line, state) {
        bus.appended(line);
        request.onEvent(line, state);
        if (WRITTEN_AT.has(line.event)) file.write({ ...record(), ...state.result });
        if (line.event === "debriefed") keepSeries(path, recorder.series());
      },
    },
  );
  const ends = AbortSignal.any([signal, broken.signal]);
  return { drill, journal: path, record, run: async () => await runToEnd(drill, world, journal, ends) };
}

function optionsOf(
  { seed, timeLimitMs, fault, actor = "trainee", source, goesOn, context }: DrillRequest,
  { id, ...placed }: Pick<DrillOptions, "id"> & Pick<DrillContext, "world" | "attempt">,
): DrillOptions {
  return {
    id,
    seed,
    timeLimitMs,
    fault,
    actor,
    ...(context === undefined ? {} : { context: { ...context, ...placed } }),
    ...(source === undefined ? {} : { source }),
    ...(goesOn === undefined ? {} : { goesOn }),
  };
}

/** A chart is worth less than the drill: a disk that is full costs the chart only. */
function keepSeries(journal: string, series: TrafficSeries): void {
  try {
    writeSeries(journal, series);
  } catch {
    // The journal and the result are whole without it, and say what happened.
  }
}

/** Where a drill's result file, beside its journal, is written anew: at its beginning, and whenever it may have ended. */
const WRITTEN_AT: ReadonlySet<JournalLine["event"]> = new Set<JournalLine["event"]>([
  "created",
  "debriefed",
  "reset",
  "refused",
  "void",
]);

/** The whole drill, and an end to its processes whatever its outcome. */
async function runToEnd(drill: Drill, world: World, journal: Journal, signal: AbortSignal): Promise<Result> {
  try {
    return await drill.run(signal);
  } finally {
    await world.stop();
    journal.close();
  }
}

/** Sorts by time, and two labs that share a directory never meet. */
function drillId(clock: Clock): string {
  const stamp = new Date(clock.wall()).toISOString().replace(/[-:]|\.\d+/g, "");
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}
