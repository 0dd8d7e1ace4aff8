import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { every, sleep, type Cancel, type Clock } from "../../../runtime/clock.ts";
import { CodedError, messageOf } from "../../../runtime/errors.ts";
import { callHttp } from "../../../runtime/http-call.ts";
import { configFile } from "../../../lb/config/medium.ts";
import { createParser } from "../../../lb/config/parse-aside.ts";
import { createConfigStore } from "../../../lb/config/store.ts";
import type { ConfigInput, Topology } from "../../../scenarios/scenario.ts";
import { createAdminClient } from "../http/admin-client.ts";
import { accessLogPath, createAccessFeed } from "../run/access-feed.ts";
import { replaceWhole } from "../run/exclusive-file.ts";
import { watchInstruments } from "../run/instrument-watch.ts";
import { createOutside } from "../run/outside.ts";
import { DEFAULT_BASE_PORT, HOST, type PortPlan } from "../ports.ts";
import type { RunDir } from "../run/run-dir.ts";
import { importOverHttp } from "../http/import-sessions.ts";
import { sightOfFiles } from "../run/sight-edges.ts";
import { ANSWER_WITHIN_MS, OBSERVE_AFTER_MS, OBSERVE_EVERY_MS } from "../timings.ts";
import { createMachineWorld } from "../machine-world.ts";
import { overHttp } from "../http/prometheus-client.ts";
import { relocate } from "../relocate.ts";
import { createRunKeys } from "../run-keys.ts";
import type { Sight, World } from "../world.ts";
import { pollAlerts } from "./alert-poll.ts";
import { STATE_DIR } from "./compose-file.ts";
import type { ComposeCommand } from "./compose-command.ts";
import {
  addressesOf,
  containerised,
  HOST_SERVICE,
  insideContainer,
  type Addresses,
} from "./containerised.ts";
import { containerProcessState } from "./container-process.ts";
import { createContainerWatch, PAGERS } from "./container-watch.ts";
import type { ContainerEvent, DockerEngine } from "./engine.ts";
import { createDockerHost } from "./host.ts";
import type { Janitor } from "./janitor/janitor.ts";
import type { ContainerIds } from "./launcher.ts";
import { observerPorts } from "./observer-ports.ts";
import { relayUnit, writeStack } from "./stack.ts";
import { nodeHashing } from "../../../runtime/node-hashing.ts";

export interface DockerWorldConfig {
  readonly plan: PortPlan;
  readonly seed: number;
  /** The checkout, with its Dockerfile and `dashboards/`. */
  readonly root: string;
  /** Image of the lab's programs; it is built when it is missing. */
  readonly image: string;
  readonly user: string;
  /** Whether Grafana is started, too. */
  readonly grafana: boolean;
  readonly composePath: string;
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

const OBSERVERS_WITHIN_MS = 30_000;

/** Real containers on this machine's Docker engine, watched by a real Prometheus and Alertmanager. */
export function createDockerWorld(config: DockerWorldConfig, deps: DockerWorldDeps): World {
  const { plan, seed, root, image, user, grafana, composePath } = config;
  const { clock, runDir, engine, compose, startJanitor, metrics, onProgress, onContinued, onBroken } = deps;
  const files = join(runDir.paths.root, "docker");
  const hostPorts = [plan.listener, plan.admin];
  let addresses: Addresses = { host: new Set(hostPorts), backends: new Map() };
  const ids: ContainerIds = new Map();
  const host = createDockerHost(
    {
      hostPorts,
      unitsDir: join(files, "units"),
      logsDir: runDir.paths.logs,
      image,
      user,
      keys: createRunKeys(),
      inside: (unit, given) => insideContainer(unit, given, addresses),
    },
    { clock, engine, ids },
  );
  const state = join(files, "balancer");
  const store = createConfigStore(configFile(join(state, "balancer.yaml")), { clock, hashing: nodeHashing });
  const admin = createAdminClient(`${HOST}:${plan.admin}`, runDir.token);
  const ports = observerPorts(plan);
  const prometheus = `http://${HOST}:${ports.prometheus}`;
  const alertmanager = `http://${HOST}:${ports.alertmanager}`;
  const containers = createContainerWatch({ host });
  /** The state letter of a unit's process, which is a container's. */
  const stateOf = (pid: number): string | undefined => {
    const unit = host.units().find((one) => one.pid === pid);
    const id = unit && ids.get(unit.name);
    return id === undefined ? undefined : containerProcessState(pid, id);
  };
  const outside = createOutside({
    clock,
    host,
    admin,
    store,
    configPath: join(state, "balancer.yaml"),
    stateOf,
    // Ports of a container's network are its own; a check names containers that join it.
    foreign: async () => [],
  });
  const ends: (() => void)[] = [];
  const stopped = new AbortController();
  let creating: Promise<void> | undefined;
  let janitor: Janitor | undefined;
  let stopping: Promise<void> | undefined;
  const world = createMachineWorld({
    clock,
    plan,
    seed,
    host,
    admin,
    store,
    parse: createParser(clock),
    balancer: { configPath: `${STATE_DIR}/balancer.yaml`, tokenPath: `${STATE_DIR}/token`, seed },
    placed(given) {
      const inside = containerised(given, addresses, "the balancer's");
      return {
        ...inside,
        admin: { ...inside.admin, hosts: [`${HOST_SERVICE}:${plan.admin}`] },
      } as ConfigInput;
    },
    sight: sightOfFiles(runDir.paths.logs, state),
    monitoring: overHttp({ prometheus, alertmanager }),
    alertsFrom: "relay",
    onRequests: createAccessFeed(accessLogPath(state), clock),
    watchers: () => [relayUnit],
    importAt: importOverHttp,
    own: outside.own,
    watchInstruments(report) {
      const cancels = [
        containers.watchInstruments(report),
        watchInstruments({ clock, host, stateOf, onContinued, report }),
      ];
      return () => cancels.forEach((cancel) => cancel());
    },
    async foreignPrograms() {
      const machine = ids.get(HOST_SERVICE);
      const names = machine === undefined ? [] : await engine.foreignPrograms(machine);
      return names.map((name) => `the container ${name}, none of this lab's, is in its network`);
    },
  });

  async function createContainers(topology: Topology): Promise<void> {
    addresses = addressesOf(topology, hostPorts);
    const dashboards = join(root, "dashboards");
    writeStack(
      topology,
      {
        files,
        dashboards,
        context: root,
        image,
        plan,
        mark: { run: runDir.marker, home: runDir.paths.root },
        user,
        supervised: true,
      },
      { files, composePath },
    );
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, "token"), runDir.token, { mode: 0o600 });
    chmodSync(join(state, "token"), 0o600);
    const services = [
      HOST_SERVICE,
      "balancer",
      "probe",
      "load",
      "relay",
      ...topology.backends.map(({ name }) => name),
    ];
    onProgress("making containers ...");
    // A container that shares the machine's network copies its resolver when it is made: the machine has to run by then.
    const options = {
      line: onProgress,
      signal: stopped.signal,
      onGroup: (group: number | undefined) =>
        group === undefined ? janitor?.composeEnded() : janitor?.composeStarted(group),
    };
    janitor = startJanitor();
    await compose.run(["up", "--detach", HOST_SERVICE], options);
    await compose.run(["up", "--no-start", ...services, ...PAGERS], options);
    // Grafana pages nobody: without its image the lab goes on.
    if (grafana)
      await compose.run(["up", "--no-start", "grafana"], options).catch((error: unknown) => {
        stopped.signal.throwIfAborted();
        onProgress(`without Grafana: ${messageOf(error)}`);
      });
    for (const { id, unit } of await engine.containers()) ids.set(unit, id);
    for (const name of [...services, ...PAGERS])
      if (!ids.has(name)) throw new CodedError("ENVIRONMENT", `Compose made no container for ${name}`);
    onProgress("starting units ...");
    const watch = await engine.watch(onContainer);
    ends.push(watch.cancel);
    void watch.ended.then(() => broken("the Docker engine has gone away"));
    ends.push(every(clock, OBSERVE_EVERY_MS, () => void publishMetrics().catch(() => {})));
  }

  async function startObservers(): Promise<void> {
    await sleep(clock, OBSERVE_AFTER_MS, stopped.signal);
    for (const unit of ["prometheus", "alertmanager", "grafana"]) {
      const found = ids.get(unit);
      if (found !== undefined) await engine.start(found);
    }
    const deadline = clock.now() + OBSERVERS_WITHIN_MS;
    for (const origin of [prometheus, alertmanager])
      while (!(await isReady(origin))) {
        if (clock.now() > deadline) throw new CodedError("ENVIRONMENT", `${origin} does not get ready`);
        await sleep(clock, 250, stopped.signal);
      }
    stopped.signal.throwIfAborted();
    const onActive = world.monitoring.active;
    ends.push(pollAlerts({ clock, prometheus, alertmanager, onActive, onLost: broken }));
  }

  /** Reports what others do to the run's containers: a drill can no longer be judged by it. */
  function onContainer(event: ContainerEvent): void {
    containers.onEvent(event);
    const { unit, what } = event;
    if (what === "destroy") broken(`somebody removed the container of ${unit}`);
    else if (unit !== HOST_SERVICE) return;
    else if (what === "die") broken("somebody stopped the balancer's machine, the container of host");
    else if (what === "start") restartMachine();
  }

  /** Units that share the machine's network lose it when the machine is started again. */
  function restartMachine(): void {
    onProgress("the balancer's machine was started again: restarting what runs on it");
    for (const { name, program, owner, state } of host.units())
      if ((program === "balancer" || owner !== undefined) && state !== "inactive") host.unit(name)?.restart();
  }

  function broken(reason: string): void {
    if (stopped.signal.aborted) return;
    onProgress(reason);
    onBroken(reason);
  }

  async function publishMetrics(): Promise<void> {
    replaceWhole(join(files, "relay", "lab.prom"), await metrics(world.sight), 0o644);
  }

  return {
    ...world,
    watchOutside(run) {
      const cancels = [outside.watch(run), containers.watchOutside(run)];
      return () => cancels.forEach((cancel) => cancel());
    },
    async start(given, workload) {
      creating = createContainers(relocate(given, plan.listener - DEFAULT_BASE_PORT));
      await creating;
      await world.start(given, workload);
      await startObservers();
    },
    stop: () => (stopping ??= stop()),
  };

  async function stop(): Promise<void> {
    stopped.abort(new CodedError("ENVIRONMENT", "the lab was ended while its containers were made"));
    await creating?.catch(() => {});
    ends.forEach((end) => end());
    await world.stop();
    try {
      await engine.removeAll();
      janitor?.dismiss();
      rmSync(composePath, { force: true });
    } catch (error) {
      // The janitor tries again when this process ends.
      onProgress(`some containers may be left: ${messageOf(error)}`);
    }
  }
}

async function isReady(origin: string): Promise<boolean> {
  try {
    return (await callHttp({ origin, path: "/-/ready", withinMs: ANSWER_WITHIN_MS.program })).ok;
  } catch {
    return false; // not up yet
  }
}
