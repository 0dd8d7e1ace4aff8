import { rmSync } from "node:fs";
import { every, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import type { Topology } from "../../../scenarios/scenario.ts";
import { overHttp } from "../http/prometheus-client.ts";
import { DEFAULT_BASE_PORT, HOST } from "../ports.ts";
import { relocate } from "../relocate.ts";
import { replaceWhole } from "../run/exclusive-file.ts";
import type { RunDir } from "../run/run-dir.ts";
import { OBSERVE_EVERY_MS } from "../timings.ts";
import type { Sight, World } from "../world.ts";
import { pollAlerts } from "./alert-poll.ts";
import type { ComposeCommand } from "./compose-command.ts";
import type { ContainerEvent } from "./container-events.ts";
import { HOST_SERVICE } from "./containerised.ts";
import { createDockerMachine, type DockerMachine } from "./docker-machine.ts";
import type { DockerEngine } from "./engine.ts";
import type { Janitor } from "./janitor/janitor.ts";
import type { ContainerIds } from "./launcher.ts";
import { makeContainers, type StackConfig } from "./make-containers.ts";
import { observerPorts } from "./observer-ports.ts";
import { dockerPaths, type DockerPaths } from "./paths.ts";
import { startObservers } from "./start-observers.ts";

export interface DockerWorldConfig extends StackConfig {
  readonly seed: number;
}

export interface DockerWorldDeps {
  readonly clock: Clock;
  readonly runDir: RunDir;
  readonly engine: DockerEngine;
  readonly compose: ComposeCommand;
  /** Started with the first container: see Janitor. */
  readonly startJanitor: () => Janitor;
  /** The supervisor's own metrics, for Prometheus in the network. */
  readonly metrics: (sight: Sight) => Promise<string>;
  readonly onProgress: (line: string) => void;
  /** Calls back when this process goes on after it was stopped by a signal (SIGCONT). */
  readonly onContinued: (run: () => void) => Cancel;
  /** Called when a drill can no longer be judged by the world. */
  readonly onBroken: (reason: string) => void;
}

/** A world in containers while it is made, runs and is ended. */
interface DockerRun {
  readonly config: DockerWorldConfig;
  readonly deps: DockerWorldDeps;
  readonly paths: DockerPaths;
  readonly ids: ContainerIds;
  readonly machine: DockerMachine;
  readonly prometheus: string;
  readonly alertmanager: string;
  /** Aborted when the world ends. */
  readonly stopped: AbortController;
  /** What runs until the world ends. */
  readonly ends: (() => void)[];
  creating: Promise<void> | undefined;
  janitor: Janitor | undefined;
}

/** Real containers on this machine's Docker engine, watched by a real Prometheus and Alertmanager. */
export function createDockerWorld(config: DockerWorldConfig, deps: DockerWorldDeps): World {
  const { plan } = config;
  const ports = observerPorts(plan);
  const prometheus = `http://${HOST}:${ports.prometheus}`;
  const alertmanager = `http://${HOST}:${ports.alertmanager}`;
  const paths = dockerPaths(deps.runDir.paths.root);
  const ids: ContainerIds = new Map();
  const monitoring = overHttp({ prometheus, alertmanager });
  const machine = createDockerMachine(config, { ...deps, paths, ids, monitoring });
  const run: DockerRun = {
    config,
    deps,
    paths,
    ids,
    machine,
    prometheus,
    alertmanager,
    stopped: new AbortController(),
    ends: [],
    creating: undefined,
    janitor: undefined,
  };
  let stopping: Promise<void> | undefined;
  const { world, watchOutside } = machine;

  return {
    ...world,
    watchOutside,
    async start(given, workload) {
      run.creating = createContainers(run, relocate(given, plan.listener - DEFAULT_BASE_PORT));
      await run.creating;
      await world.start(given, workload);
      await observe(run);
    },
    stop: () => (stopping ??= stop(run)),
  };
}

async function createContainers(run: DockerRun, topology: Topology): Promise<void> {
  const { config, deps, paths, ids, machine, stopped, ends } = run;
  const { clock, engine, onProgress } = deps;
  machine.place(topology);
  await makeContainers(topology, config, {
    ...deps,
    paths,
    ids,
    startJanitor: () => (run.janitor = deps.startJanitor()),
    signal: stopped.signal,
  });
  onProgress("starting units ...");
  const watch = await engine.watch((event) => onContainer(run, event));
  ends.push(watch.cancel);
  void watch.ended.then(() => broken(run, "the Docker engine has gone away"));
  ends.push(every(clock, OBSERVE_EVERY_MS, () => void publishMetrics(run).catch(() => {})));
}

async function observe(run: DockerRun): Promise<void> {
  const { deps, ids, machine, prometheus, alertmanager, stopped, ends } = run;
  const { clock, engine } = deps;
  const origins = [prometheus, alertmanager];
  await startObservers({ clock, engine, ids, origins, signal: stopped.signal });
  const onActive = machine.world.monitoring.active;
  const onLost = (reason: string): void => broken(run, reason);
  ends.push(pollAlerts({ clock, prometheus, alertmanager, onActive, onLost }));
}

/** Reports what others do to the run's containers: a drill can no longer be judged by it. */
function onContainer(run: DockerRun, event: ContainerEvent): void {
  run.machine.containers.onEvent(event);
  const { unit, what } = event;
  if (what === "destroy") broken(run, `somebody removed the container of ${unit}`);
  else if (unit !== HOST_SERVICE) return;
  else if (what === "die") broken(run, "somebody stopped the balancer's machine, the container of host");
  else if (what === "start") restartMachine(run);
}

/** Units that share the machine's network lose it when the machine is started again. */
function restartMachine({ deps, machine: { host } }: DockerRun): void {
  deps.onProgress("the balancer's machine was started again: restarting what runs on it");
  for (const { name, program, owner, state } of host.units())
    if ((program === "balancer" || owner !== undefined) && state !== "inactive") host.unit(name)?.restart();
}

function broken({ deps, stopped }: DockerRun, reason: string): void {
  if (stopped.signal.aborted) return;
  deps.onProgress(reason);
  deps.onBroken(reason);
}

async function publishMetrics({ deps, paths, machine }: DockerRun): Promise<void> {
  replaceWhole(paths.metrics, await deps.metrics(machine.world.sight), 0o644);
}

async function stop(run: DockerRun): Promise<void> {
  const { config, deps, machine, stopped, ends } = run;
  stopped.abort(new CodedError("ENVIRONMENT", "the lab was ended while its containers were made"));
  await run.creating?.catch(() => {});
  ends.forEach((end) => end());
  await machine.world.stop();
  try {
    await deps.engine.removeAll();
    run.janitor?.dismiss();
    rmSync(config.composePath, { force: true });
  } catch (error) {
    // The janitor tries again when this process ends.
    deps.onProgress(`some containers may be left: ${messageOf(error)}`);
  }
}
