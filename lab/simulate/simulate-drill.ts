import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import type { JournalLine } from "../drill/events.ts";
import type { Result } from "../drill/result.ts";
import type { DrillState } from "../drill/state.ts";
import type { EventBus } from "../events/bus.ts";
import type { WindowNote } from "../judge/traffic.ts";
import type { AlertView } from "../observe/alert-log.ts";
import type { Responder, Tempo } from "../responders/responder.ts";
import { standIn } from "../responders/stand-in.ts";
import { measured, NO_CHOICE, type Choice } from "../measures/choice.ts";
import type { Measure } from "../measures/measure.ts";
import { namesCause } from "../measures/names-cause.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import { createVirtualTime, type VirtualTime } from "../world/simulated/virtual-time.ts";
import type { SimulatedWorld } from "../world/simulated/world.ts";
import type { TrafficSeries } from "../chart/series.ts";
import { tempoOf } from "../responders/tempo.ts";
import { createInProcessTrainee } from "./trainee.ts";
import { createVirtualDrill } from "./virtual-drill.ts";
import type { Platform } from "../world/simulated/platform.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Default drill. */
  readonly pace?: PaceName;
  /** The drill ends when it resolves, and at pace report when users have been well for a while. */
  readonly responder: Responder;
  /** Corrective measures that are on, and standard ones that are off. Default none. */
  readonly choice?: Choice;
  /** Further measures, asked after those. Default none. */
  readonly measures?: readonly Measure[];
  /** Whom the record names for its acts. Default trainee. */
  readonly actor?: Actor;
  /** Default: that of the pace. */
  readonly tempo?: Tempo;
  readonly platform: Platform;
  /** With false the change is left out. Default true. */
  readonly fault?: boolean;
  /** Gets each line that the responder prints. */
  readonly say?: (line: string) => void;
  /** Each line of the event log. */
  readonly onLine?: (line: string) => void;
  /** For tests: virtual time that is watched. */
  readonly time?: VirtualTime;
  /** Aborted to stop before the end: the simulation rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Gets the world before anything happens in it. */
  readonly prepare?: (world: SimulatedWorld) => void;
  /** Gets the bus of the lab's events before anything happens. Subscribers change nothing. */
  readonly watch?: (bus: EventBus) => void;
}

export interface Simulation {
  readonly result: Result;
  readonly state: DrillState;
  readonly journal: readonly JournalLine[];
  /** Every alert there was, oldest first. */
  readonly alerts: readonly AlertView[];
  /** Users' traffic in windows of 10 s, from the first request to the drill's end; cut where a part of it begins or ends. */
  readonly windows: readonly WindowNote[];
  readonly virtualSeconds: number;
  /** Requests that the balancer ended. */
  readonly requests: number;
  readonly series: TrafficSeries;
  /** The change log as it was when the drill ended, before anything was put back. */
  readonly changes: readonly ChangeEntry[];
  /** What the responder said, and when (epoch ms). */
  readonly said: readonly { readonly at: number; readonly line: string }[];
  /** Of every request's outcome, every step of a unit, every alert and action. */
  readonly digest: string;
}

/** No incident takes longer; one that does makes no progress. */
const LIMIT_MS = { drill: 3_600_000, report: 24 * 3_600_000 } as const satisfies Record<PaceName, number>;

/** Longer than any measure holds all pushes of an incident. */
const HELD_MS = { drill: 1_800_000, report: 6 * 3_600_000 } as const satisfies Record<PaceName, number>;

/** A whole drill in virtual time. Rejects with what the drill rejects with: DRILL_REFUSED, DRILL_VOID. */
export async function simulateDrill(given: Scenario, options: SimulationOptions): Promise<Simulation> {
  const { seed, responder, actor = "trainee", fault = true } = options;
  const { time = createVirtualTime(options.platform) } = options;
  const paceName = options.pace ?? "drill";
  const { scenario, measures, monitoring } = measured(given, options.choice ?? NO_CHOICE, paceName, seed);
  const platform = { ...options.platform, texts: monitoring(options.platform.texts) };
  const tempo = options.tempo ?? tempoOf(scenario, paceName);
  let nameCause = (): void => {};
  const causeNamed = new Promise<void>((resolve) => (nameCause = resolve));
  const virtual = createVirtualDrill(scenario, {
    seed,
    pace: paceName,
    bucketMs: Math.max(1000, tempo.minuteMs / 6),
    fault,
    actor,
    measures: [...measures, ...(options.measures ?? [])],
    timeLimitMs: null,
    time,
    platform,
    onLine: options.onLine,
    prepare: options.prepare,
    onEvent(line, { changedAt }) {
      if (line.event !== "suspected") return;
      if (namesCause(line, { scenario, changes: world.sight.changes(), changedAt })) nameCause();
    },
  });
  const { world, drill, journal } = virtual;
  options.watch?.(virtual.bus);
  const { clock } = world;
  const said: { at: number; line: string }[] = [];
  const say = (line: string): void => {
    said.push({ at: clock.wall(), line });
    options.say?.(line);
  };
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([over.signal, options.signal]) : over.signal;

  async function play(): Promise<Result> {
    const trainee = createInProcessTrainee(world, drill, { signal, actor: "trainee" });
    void standIn(
      {
        responder,
        scenario,
        pace: paceName,
        fault,
        tempo,
        causeNamed,
        heldUpToMs: measures.length > 0 ? HELD_MS[paceName] : 0,
      },
      { clock, drill, trainee, say, signal },
    );
    try {
      return await drill.run(signal);
    } finally {
      over.abort(new Error("the drill is over"));
      await world.stop();
    }
  }

  const result = await time.runUntil(play(), {
    limitMs: LIMIT_MS[paceName],
    waitsFor: () => `the drill, which had come to "${drill.state.phase}"`,
  });
  return {
    result,
    state: drill.state,
    journal: journal.lines,
    alerts: world.monitoring.alerts(),
    windows: virtual.windows,
    virtualSeconds: time.nowMs / 1000,
    requests: virtual.requests,
    series: virtual.series(),
    changes: virtual.changes,
    said,
    digest: virtual.digest(),
  };
}
