import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import { labMetrics } from "../control/metrics.ts";
import { createDrill, type Drill } from "../drill/drill.ts";
import type { JournalLine } from "../drill/events.ts";
import type { Journal } from "../drill/journal.ts";
import { createMemoryJournal } from "../drill/memory-journal.ts";
import type { DrillState } from "../drill/state.ts";
import type { EventBus } from "../events/bus.ts";
import { createLabBus } from "../events/lab-bus.ts";
import type { WindowNote } from "../judge/traffic.ts";
import type { Measure } from "../measures/measure.ts";
import type { Actor } from "../trainee/actor.ts";
import { usersOfDrill } from "../trainee/status.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { Platform } from "../world/simulated/platform.ts";
import type { VirtualTime } from "../world/simulated/virtual-time.ts";
import { createSimulatedWorld, type SimulatedWorld } from "../world/simulated/world.ts";
import { digestFacts } from "./digest-facts.ts";
import { createEventLog, type EventLog } from "./event-log.ts";
import { createSeriesRecorder, type SeriesRecorder, type TrafficSeries } from "../chart/series.ts";

export interface VirtualDrillOptions {
  readonly seed: number;
  readonly pace: PaceName;
  /** Width of a bucket of the series, ms. */
  readonly bucketMs: number;
  /** With false the change is left out. */
  readonly fault: boolean;
  /** Whom the record names for its acts. */
  readonly actor: Actor;
  /** Corrective measures that are on. Default none. */
  readonly measures?: readonly Measure[] | undefined;
  readonly timeLimitMs: number | null;
  readonly time: VirtualTime;
  readonly platform: Platform;
  /** Each line of the event log. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Each line of the journal, with the state after it. */
  readonly onEvent?: ((line: JournalLine, state: DrillState) => void) | undefined;
  /** Gets the world before anything happens in it. */
  readonly prepare?: ((world: SimulatedWorld) => void) | undefined;
}

/** A drill in a simulated world, and all that is recorded of it. Nothing happens before virtual time runs. */
export interface VirtualDrill {
  readonly world: SimulatedWorld;
  readonly drill: Drill;
  readonly journal: Journal;
  /** Its events, in its own time; subscribers change nothing. */
  readonly bus: EventBus;
  /** Requests that the balancer ended. */
  readonly requests: number;
  series(): TrafficSeries;
  /** The change log as it was when the drill was judged, before anything was put back. */
  readonly changes: readonly ChangeEntry[];
  /** Users' traffic in windows of 10 s up to then. */
  readonly windows: readonly WindowNote[];
  /** Of every request's outcome, every step of a unit, every alert and action so far. */
  digest(): string;
}

export function createVirtualDrill(scenario: Scenario, options: VirtualDrillOptions): VirtualDrill {
  const { seed, time, platform, fault, actor, timeLimitMs } = options;
  const pace = scenario.paces[options.pace];
  const log = createEventLog(platform.hashing, options.onLine);
  const recorder = createSeriesRecorder({ fromMs: time.clock("data").wall(), bucketMs: options.bucketMs });
  let requests = 0;
  let changes: readonly ChangeEntry[] = [];
  let windows: readonly WindowNote[] = [];
  const world = createSimulatedWorld(
    { seed, observeEveryMs: pace.timing.observeEveryMs },
    {
      time,
      platform,
      labMetrics,
      onRequest({ at, route, status, flag, attempts, totalMs }) {
        requests += 1;
        recorder.routed(at, attempts.at(-1)?.upstream);
        log.note("request", at, route, status, flag, attempts.at(-1)?.upstream, attempts.length, totalMs);
      },
    },
  );
  noteWorld(world, log, recorder);
  options.prepare?.(world);
  const { clock, listener } = world;
  const journal = createMemoryJournal(clock);
  const bus = createLabBus(seed, {
    clock,
    listener,
    world: () => world,
    drill: () => drill,
    users: () => usersOfDrill(drill),
  });
  const id = `simulated-${seed}`;
  bus.begin({ drill: id, lines: journal.lines });
  bus.watch(world);
  const drill = createDrill(
    scenario,
    { id, seed, pace: options.pace, timeLimitMs, fault, actor, measures: options.measures ?? [] },
    {
      world,
      journal,
      onEvent(line, state) {
        noteLine(line, log);
        if (line.event === "debriefed") {
          changes = [...world.sight.changes()];
          windows = drill.traffic.notes(clock.wall());
        }
        bus.appended(line);
        options.onEvent?.(line, state);
      },
    },
  );
  return {
    world,
    drill,
    journal,
    bus,
    get requests() {
      return requests;
    },
    get changes() {
      return changes;
    },
    get windows() {
      return windows;
    },
    series: () => recorder.series(),
    digest: () => log.digest(),
  };
}

/** Notes what happens to units and users, for the digest and the series. */
function noteWorld(world: SimulatedWorld, log: EventLog, recorder: SeriesRecorder): void {
  // Why a unit changed its state is prose, and a digest covers none.
  world.onUnit(({ unit, from, to, at }) => log.note("unit", at, unit, from, to));
  world.onProbe((report) => {
    recorder.probed(report);
    for (const { sentAt, user, route, result, status, backend, durationMs } of report.records)
      log.note("user", sentAt, user, route, result, status, backend, durationMs);
  });
  world.onLoad((report) => {
    recorder.loaded(report);
    log.note("load", report.at, report.sent, report.answered, report.failed);
  });
}

function noteLine(line: JournalLine, log: EventLog): void {
  const facts = digestFacts(line);
  if (facts) log.note("drill", Date.parse(line.at), JSON.stringify(facts));
}
