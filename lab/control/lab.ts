import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { every, type Cancel, type Clock } from "../../runtime/clock.ts";
import type { Secret } from "../../runtime/secret.ts";
import type { Scenario, Topology, Workload } from "../../scenarios/scenario.ts";
import { createSeriesRecorder, type TrafficSeries } from "../chart/series.ts";
import { createDrill, type Drill, type DrillOptions } from "../drill/drill.ts";
import type { DrillContext, JournalLine } from "../drill/events.ts";
import { journalPath, openJournal, type Journal } from "../drill/journal.ts";
import { nextAttempt } from "../drill/past-drills.ts";
import { recordOf, type DrillRecord } from "../drill/record.ts";
import type { Result } from "../drill/result.ts";
import type { DrillState } from "../drill/state.ts";
import { writeSeries } from "./series-file.ts";
import { DrillStopped } from "../drill/stop-cause.ts";
import { createLiveHost } from "../world/live/host.ts";
import { builtPrograms } from "../world/live/launcher.ts";
import { allPorts, portPlan } from "../world/ports.ts";
import { assertPortsFree } from "../world/taken-ports.ts";
import { claimRunDir, type RunDir } from "../world/run/run-dir.ts";
import { findSetpriv } from "../world/live/setpriv.ts";
import type { StaleRun } from "../world/run/stale.ts";
import { createRunKeys } from "../world/run-keys.ts";
import { createLiveWorld } from "../world/live/world.ts";
import type { Actor } from "../trainee/actor.ts";
import type { DrillTerms } from "../trainee/drill-terms.ts";
import { createLabBus } from "../events/lab-bus.ts";
import { createTraffic } from "../judge/traffic.ts";
import type { World } from "../world/world.ts";
import { createControlClient, type ControlClient } from "./client.ts";
import { createResultFile } from "./result-file.ts";
import { prepareDocker, type DockerLabConfig, type MakeDockerWorld } from "./docker.ts";
import { readPageFiles } from "./page-files.ts";
import { pageLink } from "./page-link.ts";
import { startControl } from "./server.ts";
import { usersOfDrill, type UsersWatched } from "../trainee/status.ts";

export interface LabConfig {
  /** `.lab`, as an absolute path. */
  readonly home: string;
  /** Where the built programs are. */
  readonly dist: string;
  readonly portBase: number | undefined;
  readonly seed: number;
  /** PATH of the processes. */
  readonly searchPath: string;
  /** URLs of further receivers of alerts: see `notify` in the evaluator's configuration. */
  readonly notify?: Readonly<Record<string, Secret>>;
  /** Containers instead of processes. */
  readonly docker?: DockerLabConfig | undefined;
}

export interface LabDeps {
  readonly clock: Clock;
  readonly onStale: (found: StaleRun) => void;
  readonly onDown: () => void;
  /** Gets a line for each step that takes long. */
  readonly onProgress?: (line: string) => void;
}

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
  /** What the trainee may know of it. */
  readonly terms?: DrillTerms | undefined;
  readonly onEvent: (line: JournalLine, state: DrillState) => void;
}

export interface DrillRun {
  readonly drill: Drill;
  readonly journal: string;
  /** The record that its journal makes now. */
  record(): DrillRecord;
  readonly result: Promise<Result>;
}

/** The supervisor: one lab on this machine, from its ports and run directory to its control API. */
export interface Lab {
  readonly listener: string;
  readonly client: ControlClient;
  /** The link to the page over this lab, with the key to it; undefined where no page was built. */
  readonly page: string | undefined;
  /** One at a time; each on processes of its own. */
  drill(request: DrillRequest, signal: AbortSignal): DrillRun;
  /** Brings processes up without a drill. */
  up(topology: Topology, workload: Workload): Promise<void>;
  /** Ends every process and gives the run directory up. Within three seconds. */
  close(): Promise<void>;
}

const SERIES_BUCKET_MS = 1000;
const VISITORS_SETTLE_EVERY_MS = 10_000;
/** Longer than a status's window, and than any request's timeout. */
const VISITORS_SETTLE_AFTER_MS = 60_000;

/** Takes the ports and the run directory. Throws PORT_IN_USE or LAB_RUNNING, and has started nothing then. */
export async function createLab(
  config: LabConfig,
  { clock, onStale, onDown, onProgress = () => {} }: LabDeps,
): Promise<Lab> {
  const plan = portPlan(config.portBase);
  const ports = allPorts(plan);
  const runDir: RunDir = await claimRunDir(
    { home: config.home, base: plan.listener, ports, pid: process.pid },
    { clock, onStale },
  );
  const listener = `127.0.0.1:${plan.listener}`;
  let world: World | undefined;
  let drill: Drill | undefined;
  let terms: DrillTerms | undefined;
  /** Of a lab that is up without a drill. */
  let visitors: UsersWatched | undefined;
  let stopSettling: Cancel = () => {};

  let dockerWorld: MakeDockerWorld | undefined;
  const users = (): UsersWatched | undefined => (drill ? usersOfDrill(drill) : visitors);
  const bus = createLabBus(config.seed, {
    clock,
    listener,
    world: () => world,
    drill: () => drill,
    users,
  });
  const watched = (next: World): World => {
    bus.watch(next);
    return (world = next);
  };
  const freshWorld = (seed: number, onBroken: (reason: string) => void = () => {}): World => {
    if (dockerWorld) return watched(dockerWorld(seed, onBroken));
    const host = createLiveHost(
      {
        ports,
        node: process.execPath,
        programs: builtPrograms(config.dist),
        supervisorPid: process.pid,
        searchPath: config.searchPath,
        setpriv: findSetpriv(config.searchPath),
        keys: createRunKeys(),
      },
      { clock, runDir },
    );
    const dashboards = join(config.dist, "..", "dashboards");
    return watched(
      createLiveWorld(
        { plan, seed, dashboards, notify: config.notify },
        { clock, runDir, host, onContinued },
      ),
    );
  };

  try {
    if (config.docker)
      dockerWorld = await prepareDocker(config.docker, { clock, plan, runDir, onProgress, onContinued });
    await assertPortsFree(ports);
    const page = readPageFiles(join(config.dist, "console"));
    const server = await startControl({
      page,
      port: plan.control,
      token: runDir.token,
      instance: runDir.instance,
      clock,
      listener,
      world: () => world ?? freshWorld(config.seed),
      drill: () => drill,
      terms: () => terms,
      users,
      bus,
      onDown,
    });
    return {
      listener,
      page: page && pageLink(plan.control, runDir.token),
      client: createControlClient({
        port: plan.control,
        token: runDir.token,
        instance: runDir.instance,
      }),
      drill(request, signal) {
        const id = drillId(clock);
        runDir.noteDrill(id);
        const path = journalPath(config.home, id);
        const journal = openJournal(path, clock);
        bus.begin({ drill: id, lines: journal.lines });
        const broken = new AbortController();
        const own = freshWorld(request.seed, (reason) =>
          broken.abort(new DrillStopped("DRILL_VOID", "instruments", reason)),
        );
        const { scenario, seed, timeLimitMs, fault, actor = "trainee", source, goesOn, context } = request;
        const where = config.docker ? "docker" : "live";
        const attempt = nextAttempt(config.home, scenario.alias, context?.trainee);
        const record = (): DrillRecord => recordOf(journal.lines, journal);
        const file = createResultFile(join(dirname(path), "result.json"), record());
        const recorder = createSeriesRecorder({ fromMs: clock.wall(), bucketMs: SERIES_BUCKET_MS });
        own.onProbe((report) => recorder.probed(report));
        own.onLoad((report) => recorder.loaded(report));
        const made = createDrill(
          scenario,
          {
            id,
            seed,
            timeLimitMs,
            fault,
            actor,
            ...(context === undefined ? {} : { context: { ...context, world: where, attempt } }),
            ...(source === undefined ? {} : { source }),
            ...(goesOn === undefined ? {} : { goesOn }),
          },
          {
            world: own,
            journal,
            onEvent(line, state) {
              bus.appended(line);
              request.onEvent(line, state);
              if (WRITTEN_AT.has(line.event)) file.write({ ...record(), ...state.result });
              if (line.event === "debriefed") keepSeries(path, recorder.series());
            },
          },
        );
        drill = made;
        terms = request.terms;
        const result = runToEnd(made, own, journal, AbortSignal.any([signal, broken.signal]));
        return { drill: made, journal: path, record, result };
      },
      async up(topology, workload) {
        const own = freshWorld(config.seed);
        const population = workload.users.count;
        const traffic = createTraffic({ users: population });
        visitors = { traffic, population };
        own.onProbe((report) => traffic.probed(report));
        own.onLoad((report) => traffic.loaded(report));
        // What is settled is dropped in time, however long the lab is up.
        stopSettling = every(clock, VISITORS_SETTLE_EVERY_MS, () =>
          traffic.settle(clock.wall() - VISITORS_SETTLE_AFTER_MS),
        );
        await own.start(topology, workload);
        own.watchInstruments((reason) => onProgress(reason));
      },
      async close() {
        stopSettling();
        await Promise.all([world?.stop(), server.close()]);
        bus.close();
        runDir.release();
      },
    };
  } catch (error) {
    runDir.release();
    throw error;
  }
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

function onContinued(run: () => void): Cancel {
  process.on("SIGCONT", run);
  return () => void process.off("SIGCONT", run);
}

/** Sorts by time, and two labs that share a directory never meet. */
function drillId(clock: Clock): string {
  const stamp = new Date(clock.wall()).toISOString().replace(/[-:]|\.\d+/g, "");
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}
