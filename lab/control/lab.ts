import { join } from "node:path";
import type { Cancel, Clock } from "../../runtime/clock.ts";
import type { Topology, Workload } from "../../scenarios/scenario.ts";
import type { Drill } from "../drill/drill.ts";
import { createLabBus } from "../events/lab-bus.ts";
import type { DrillTerms } from "../trainee/drill-terms.ts";
import { usersOfDrill, type UsersWatched } from "../trainee/status.ts";
import { allPorts, portPlan } from "../world/ports.ts";
import { claimRunDir, type RunDir } from "../world/run/run-dir.ts";
import type { StaleRun } from "../world/run/stale.ts";
import { assertPortsFree } from "../world/taken-ports.ts";
import type { World } from "../world/world.ts";
import { createControlClient, type ControlClient } from "./client.ts";
import { prepareDocker, type DockerLabConfig } from "./docker.ts";
import { createLiveLabWorld, type LiveLabConfig } from "./live-lab.ts";
import { readPageFiles } from "./page-files.ts";
import { pageLink } from "./page-link.ts";
import { prepareDrill, type DrillRequest, type DrillRun } from "./prepare-drill.ts";
import { startControl } from "./server.ts";
import { watchVisitors } from "./visitors.ts";

export interface LabConfig extends Omit<LiveLabConfig, "plan"> {
  /** `.lab`, as an absolute path. */
  readonly home: string;
  readonly portBase: number | undefined;
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

/** What runs in a lab now. */
interface Current {
  world: World | undefined;
  drill: Drill | undefined;
  terms: DrillTerms | undefined;
  /** Of a lab that is up without a drill. */
  visitors: UsersWatched | undefined;
  stopSettling: Cancel;
}

/** Takes the ports and the run directory. Throws PORT_IN_USE or LAB_RUNNING, and has started nothing then. */
export async function createLab(config: LabConfig, deps: LabDeps): Promise<Lab> {
  const plan = portPlan(config.portBase);
  const runDir = await claimRunDir(
    { home: config.home, base: plan.listener, ports: allPorts(plan), pid: process.pid },
    deps,
  );
  try {
    return await openLab({ ...config, plan }, { ...deps, runDir });
  } catch (error) {
    runDir.release();
    throw error;
  }
}

async function openLab(
  config: LabConfig & Pick<LiveLabConfig, "plan">,
  { clock, onDown, onProgress = () => {}, runDir }: LabDeps & { readonly runDir: RunDir },
): Promise<Lab> {
  const { plan, home, seed: labSeed } = config;
  const { token, instance } = runDir;
  const listener = `127.0.0.1:${plan.listener}`;
  const now: Current = {
    world: undefined,
    drill: undefined,
    terms: undefined,
    visitors: undefined,
    stopSettling: () => {},
  };
  const users = (): UsersWatched | undefined => (now.drill ? usersOfDrill(now.drill) : now.visitors);
  const looks = { clock, listener, world: () => now.world, drill: () => now.drill, users };
  const bus = createLabBus(labSeed, looks);
  const docker =
    config.docker && (await prepareDocker(config.docker, { clock, plan, runDir, onProgress, onContinued }));
  const freshWorld = (seed: number, onBroken: (reason: string) => void = () => {}): World => {
    now.world =
      docker?.(seed, onBroken) ?? createLiveLabWorld({ ...config, seed }, { clock, runDir, onContinued });
    bus.watch(now.world);
    return now.world;
  };
  await assertPortsFree(allPorts(plan));
  const page = readPageFiles(join(config.dist, "console"));
  const server = await startControl({
    ...looks,
    page,
    port: plan.control,
    token,
    instance,
    world: () => now.world ?? freshWorld(labSeed),
    terms: () => now.terms,
    bus,
    onDown,
  });
  return {
    listener,
    page: page && pageLink(plan.control, token),
    client: createControlClient({ port: plan.control, token, instance }),
    drill(request, signal) {
      const where = config.docker ? "docker" : "live";
      const { run, ...made } = prepareDrill(
        request,
        signal,
        { home, where },
        { clock, runDir, bus, freshWorld },
      );
      now.drill = made.drill;
      now.terms = request.terms;
      return { ...made, result: run() };
    },
    async up(topology, workload) {
      const world = freshWorld(labSeed);
      const { visitors, cancel } = watchVisitors(world, workload, clock);
      now.visitors = visitors;
      now.stopSettling = cancel;
      await world.start(topology, workload);
      world.watchInstruments(onProgress);
    },
    async close() {
      now.stopSettling();
      await Promise.all([now.world?.stop(), server.close()]);
      bus.close();
      runDir.release();
    },
  };
}

function onContinued(run: () => void): Cancel {
  process.on("SIGCONT", run);
  return () => void process.off("SIGCONT", run);
}
