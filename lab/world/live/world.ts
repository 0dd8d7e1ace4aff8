import { join } from "node:path";
import type { Cancel, Clock } from "../../../runtime/clock.ts";
import type { ForeignProgram } from "../../../runtime/port-holder.ts";
import { processState } from "../../../runtime/process-identity.ts";
import { configFile } from "../../../lb/config/medium.ts";
import { createParser } from "../../../lb/config/parse-aside.ts";
import { createConfigStore } from "../../../lb/config/store.ts";
import type { Secret } from "../../../runtime/secret.ts";
import { createMachineWorld } from "../machine-world.ts";
import { overHttp } from "../http/prometheus-client.ts";
import { evaluatorUnit } from "../topology.ts";
import type { UnitConfig } from "../unit-config.ts";
import type { World } from "../world.ts";
import { createAdminClient } from "../http/admin-client.ts";
import { accessLogPath, createAccessFeed } from "../run/access-feed.ts";
import { replaceWhole } from "../run/exclusive-file.ts";
import type { LiveHost } from "./host.ts";
import { watchInstruments } from "../run/instrument-watch.ts";
import { HOST, type PortPlan } from "../ports.ts";
import type { RunDir } from "../run/run-dir.ts";
import { createOutside, foreignHolders } from "../run/outside.ts";
import { importOverHttp } from "../http/import-sessions.ts";
import { sightOfFiles } from "../run/sight-edges.ts";
import { nodeHashing } from "../../../runtime/node-hashing.ts";

export interface LiveWorldConfig {
  readonly plan: PortPlan;
  readonly seed: number;
  /** Directory with the alert rules and Alertmanager's configuration. */
  readonly dashboards: string;
  /** URLs of further targets that are notified of alerts, by their kind. */
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
  const { root, token: tokenPath, logs } = runDir.paths;
  const configPath = join(root, "balancer.yaml");
  const store = createConfigStore(configFile(configPath), { clock, hashing: nodeHashing });
  const admin = createAdminClient(`${HOST}:${plan.admin}`, runDir.token);
  const evaluator = `http://${HOST}:${plan.evaluator}`;
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
    clock,
    plan,
    seed,
    host,
    admin,
    store,
    parse: createParser(clock),
    balancer: { configPath, tokenPath, seed },
    placed: (config) => config,
    sight: sightOfFiles(logs, root),
    monitoring: overHttp({ prometheus: evaluator, alertmanager: evaluator, token: runDir.token }),
    alertsFrom: "evaluator",
    onRequests: createAccessFeed(accessLogPath(root), clock),
    watchers: (topology) => [
      evaluatorUnit(topology, { plan, tokenPath, dashboards, notify: notifyPaths(notify, runDir) }),
    ],
    importAt: importOverHttp,
    own: outside.own,
    watchInstruments: (report) =>
      watchInstruments({ clock, host, stateOf: processState, onContinued, report }),
    async foreignPrograms() {
      // The listener's port, and those of all upstreams.
      const ports = [plan.listener, ...portsIn(store.read().yaml)];
      return (await host.foreignPrograms([...new Set(ports)])).map(foreignProgramText);
    },
  });
  return {
    ...machine,
    watchOutside: outside.watch,
  };
}

const portsIn = (yaml: string): number[] =>
  Array.from(yaml.matchAll(/:(\d{1,5})\b/g), ([, port]) => Number(port));

function foreignProgramText({ port, holder }: ForeignProgram): string {
  const who = holder ? `${holder.name} (pid ${holder.pid})` : "a process that may not be looked into";
  return `port ${port} is held by ${who}, which is no unit of this lab`;
}

/** Puts each URL into a file for the owner only: a unit's configuration can be seen by anyone, and holds no secret. */
function notifyPaths(notify: Readonly<Record<string, Secret>>, { paths }: RunDir): UnitConfig {
  return Object.fromEntries(
    Object.entries(notify).map(([name, url]) => {
      const urlPath = join(paths.secrets, `notify-${name}`);
      replaceWhole(urlPath, `${url.reveal()}\n`);
      return [name, { urlPath }];
    }),
  );
}
