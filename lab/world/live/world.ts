import { join } from "node:path";
import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { Stranger } from "../../../runtime/port-holder.ts";
import { processState } from "../../../runtime/process-identity.ts";
import { configFile } from "../../../lb/config/medium.ts";
import { createParser } from "../../../lb/config/parse-aside.ts";
import { createConfigStore } from "../../../lb/config/store.ts";
import type { Secret } from "../../../runtime/secret.ts";
import type { ConfigInput } from "../../../scenarios/scenario.ts";
import { createMachineWorld } from "../machine-world.ts";
import { createMonitoring, followAlerts } from "../monitoring.ts";
import { createMonitoringClient } from "../monitoring-client.ts";
import { overHttp } from "../http/prometheus-client.ts";
import { evaluatorUnit, type UnitSettings } from "../topology.ts";
import type { UnitConfig } from "../unit-config.ts";
import type { World } from "../world.ts";
import { createActions } from "../actions.ts";
import { createAdminClient } from "../http/admin-client.ts";
import { createChangeLog } from "../change-log.ts";
import { accessLogPath, createAccessFeed } from "../run/access-feed.ts";
import { replaceWhole } from "../run/exclusive-file.ts";
import type { LiveHost } from "./host.ts";
import { watchInstruments } from "../run/instrument-watch.ts";
import { DEFAULT_BASE_PORT, type PortPlan } from "../ports.ts";
import type { RunDir } from "../run/run-dir.ts";
import { createOutside, foreignHolders } from "../run/outside.ts";
import { importOverHttp } from "../http/import-sessions.ts";
import { sightOfFiles } from "../run/sight-edges.ts";
import { createSight } from "../sight.ts";
import { createStage } from "../stage.ts";
import { nodeHashing } from "../../../runtime/node-hashing.ts";

export interface LiveWorldConfig {
  readonly plan: PortPlan;
  readonly seed: number;
  /** Directory with the alert rules and Alertmanager's configuration. */
  readonly dashboards: string;
  /** URLs of who else is notified of alerts, by the kind of target. */
  readonly notify?: Readonly<Record<string, Secret>> | undefined;
}

export interface LiveWorldDeps {
  readonly clock: Clock;
  readonly runDir: RunDir;
  readonly host: LiveHost;
  /** Calls back when this process goes on after it was stopped by a signal (SIGCONT). */
  readonly onContinued: (run: () => void) => Cancel;
}

/** Real processes on this machine. */
export function createLiveWorld(
  { plan, seed, dashboards, notify = {} }: LiveWorldConfig,
  { clock, runDir, host, onContinued }: LiveWorldDeps,
): World {
  const offset = plan.listener - DEFAULT_BASE_PORT;
  const listener = `127.0.0.1:${plan.listener}`;
  const configPath = join(runDir.paths.root, "balancer.yaml");
  const store = createConfigStore(configFile(configPath), { clock, hashing: nodeHashing });
  const admin = createAdminClient(`127.0.0.1:${plan.admin}`, runDir.token);
  const changes = createChangeLog(clock);
  const settings: UnitSettings = {
    seed,
    listener,
    balancer: { configPath, tokenPath: runDir.paths.token, seed },
    probeMetricsPort: plan.probeMetrics,
  };
  const evaluator = `http://127.0.0.1:${plan.evaluator}`;
  const monitoring = createMonitoring({
    clock,
    ...createMonitoringClient(
      overHttp({ prometheus: evaluator, alertmanager: evaluator, token: runDir.token }),
      { clock },
    ),
  });
  followAlerts(host, "evaluator", monitoring);
  const placed = (config: ConfigInput): ConfigInput => config;
  const parts = { clock, host, admin, store, parse: createParser(clock), changes, offset, seed, placed };
  const actions = createActions(parts);
  const sight = createSight(
    { ...parts, listenerPort: plan.listener },
    sightOfFiles(runDir.paths.logs, runDir.paths.root),
  );

  const outside = createOutside({
    clock,
    host,
    admin,
    store,
    configPath,
    stateOf: processState,
    foreign: () => foreignHolders(host, process.pid),
  });
  const machine = createMachineWorld({
    ...parts,
    clock,
    sight,
    stage: createStage(parts, actions),
    actions,
    monitoring,
    onRequests: createAccessFeed(accessLogPath(runDir.paths.root), clock),
    settings,
    watchers: (topology) => [
      evaluatorUnit(topology, {
        port: plan.evaluator,
        tokenPath: runDir.paths.token,
        dashboards,
        adminPort: plan.admin,
        probeMetricsPort: plan.probeMetrics,
        controlPort: plan.control,
        notify: notifyPaths(notify, runDir),
      }),
    ],
    importAt: importOverHttp,
    watchInstruments: (report) =>
      watchInstruments({ clock, host, stateOf: processState, onContinued, report }),
    async strangers() {
      // Where users come in, and wherever the balancer sends them.
      const ports = [plan.listener, ...portsIn(store.read().yaml)];
      return (await host.strangers([...new Set(ports)])).map(strangerText);
    },
  });
  return {
    ...machine,
    act: (step, by) => outside.own(() => machine.act(step, by), "unit" in step ? step.unit : undefined),
    reboot: (order) => outside.own(() => machine.reboot(order)),
    watchOutside: outside.watch,
  };
}

const portsIn = (yaml: string): number[] =>
  Array.from(yaml.matchAll(/:(\d{1,5})\b/g), ([, port]) => Number(port));

function strangerText({ port, holder }: Stranger): string {
  const who = holder ? `${holder.name} (pid ${holder.pid})` : "a process that may not be looked into";
  return `port ${port} is held by ${who}, which is no unit of this lab`;
}

/** Puts each URL into a file for the owner only: a unit's configuration is shown to whoever asks, and holds no secret. */
function notifyPaths(notify: Readonly<Record<string, Secret>>, { paths }: RunDir): UnitConfig {
  return Object.fromEntries(
    Object.entries(notify).map(([name, url]) => {
      const urlPath = join(paths.secrets, `notify-${name}`);
      replaceWhole(urlPath, `${url.reveal()}\n`);
      return [name, { urlPath }];
    }),
  );
}
