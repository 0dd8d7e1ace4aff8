import type { ConfigStore } from "../../lb/config/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import { seeded } from "../../runtime/random.ts";
import type { Action } from "../../scenarios/action.ts";
import type { BackendSpec, Stage, Topology, Workload } from "../../scenarios/scenario.ts";
import { configText } from "../../scenarios/shop.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Host, UnitDefinition } from "./host.ts";
import type { AdminClient } from "./admin-client.ts";
import { changeOf } from "./act-change.ts";
import type { Actions } from "./actions.ts";
import { createChangeGates, type ProposedChange } from "./change-gate.ts";
import { gatedStage } from "./gated-stage.ts";
import type { Monitoring } from "./monitoring.ts";
import { relocate } from "./relocate.ts";
import { importSessions, type ImportAt } from "./sessions.ts";
import { backendUnit, balancerUnit, outsideUnits, type UnitSettings } from "./topology.ts";
import type { Actor } from "../trainee/actor.ts";
import { upstreamStates } from "./upstream-states.ts";
import type { Sight, Snapshot, World } from "./world.ts";

export interface MachineWorldParts {
  readonly clock: Clock;
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  readonly sight: Sight;
  readonly stage: Stage;
  readonly actions: Actions;
  readonly monitoring: Monitoring;
  readonly changes: Pick<ChangeLog, "onEntry">;
  readonly onRequests: World["onRequests"];
  /** By how much this world's ports lie above the default ones. */
  readonly offset: number;
  readonly settings: UnitSettings;
  /** The balancer's configuration as this world writes it: how one is called by another is a matter of the network. */
  readonly placed: (config: Topology["config"]) => Topology["config"];
  /** Units beside the users and the load that watch the machine from outside. */
  readonly watchers: (topology: Topology) => readonly UnitDefinition[];
  readonly importAt: ImportAt;
  /** What can be seen of instruments beyond their units' events. */
  readonly watchInstruments?: World["watchInstruments"];
  readonly strangers?: () => Promise<readonly string[]>;
  /** Has a web server take these pages for ready. Absent: caches are cold at the start. */
  readonly fillCache?: (server: BackendSpec, pages: NonNullable<Workload["catalogue"]>) => Promise<void>;
}

/** A world that is one machine with its units, real or modelled. */
export function createMachineWorld(parts: MachineWorldParts): World {
  const { clock, host, admin, store, sight, stage, actions, monitoring, offset, settings } = parts;
  const { seed } = settings;
  /** Starts the units and waits until they serve. Throws UNIT_FAILED with the end of the log of one that does not. */
  async function bringUp(names: readonly string[]): Promise<void> {
    for (const name of names) host.unit(name)?.start();
    await host.settled(names);
    for (const name of names) {
      const view = host.unit(name)?.view;
      if (view?.state === "active") continue;
      const tail = await sight.logs(name, 3).catch(() => []);
      throw new CodedError(
        "UNIT_FAILED",
        `${name} did not start: ${view?.reason ?? "unknown"}\n${tail.join("\n")}`,
      );
    }
  }

  const gates = createChangeGates();
  const proposed = (step: Action, by: Actor): ProposedChange =>
    changeOf(step, by, { store, changes: sight.changes() });

  const runtimeStates = async (): Promise<Record<string, string>> =>
    upstreamStates((await admin.pools()) ?? []);

  return {
    clock,
    sight,
    monitoring,
    stage: gatedStage({
      stage,
      gates,
      changes: () => sight.changes(),
      configText: () => store.read().yaml,
      textOf: (config) => configText(parts.placed(relocate(config, offset))),
    }),
    async act(step, by) {
      const change = proposed(step, by);
      const result = await actions.act(step, by);
      if (result.ok) gates.after(change);
      return result;
    },
    guardChanges: gates.guard,
    admit: (step, by) => gates.before(proposed(step, by)),
    checkConfig: actions.checkConfig,
    onProbe: (run) => host.onMessage("probe", (message) => message.type === "probe" && run(message as never)),
    onLoad: (run) => host.onMessage("load", (message) => message.type === "load" && run(message as never)),
    onUnit: host.onEvent,
    onChange: parts.changes.onEntry,
    onRequests: parts.onRequests,
    async start(given, workload) {
      const topology: Topology = relocate(given, offset);
      store.create(configText(parts.placed(topology.config)), {
        author: "lab",
        reason: "reviewed and known to work",
      });
      const backends = topology.backends.map((spec) => backendUnit(spec, seed));
      for (const unit of [...backends, balancerUnit(settings)]) host.add(unit);
      await bringUp([...backends.map(({ name }) => name), "balancer"]);
      const { catalogue } = workload;
      if (catalogue)
        for (const server of topology.backends.filter(({ cache }) => cache))
          await parts.fillCache?.(server, catalogue);
      const sessions = workload.users.login && (await importSessions(topology, workload, parts.importAt));
      const outside = [...outsideUnits(topology, workload, settings, sessions), ...parts.watchers(topology)];
      for (const unit of outside) host.add(unit);
      await bringUp(outside.map(({ name }) => name));
    },
    watchInstruments(run) {
      const cancels = [
        host.onEvent(({ unit, from, to, reason }) => {
          // Asked to, only by the lab itself, it is deactivating first.
          if (from !== "active" || to === "deactivating" || host.unit(unit)?.definition.outside !== true)
            return;
          run(`${unit} ended (${reason}): without it users cannot be judged`);
        }),
        parts.watchInstruments?.(run) ?? (() => {}),
      ];
      return () => cancels.forEach((cancel) => cancel());
    },
    ...(parts.strangers ? { strangers: parts.strangers } : {}),
    reboot: (order) => host.reboot(seeded(order).fork("reboot")),
    async snapshot(): Promise<Snapshot> {
      return {
        config: store.read().yaml,
        units: Object.fromEntries(
          host.units().map(({ name, state, enabled }) => {
            return [name, { state, enabled, config: host.unit(name)?.config }];
          }),
        ),
        upstreams: await runtimeStates(),
        packages: host.packages().map(({ name }) => name),
      };
    },
    async restore(snapshot) {
      for (const { name } of host.packages())
        if (!snapshot.packages.includes(name)) await host.uninstall(name);
      for (const { name } of host.units()) if (!(name in snapshot.units)) await host.remove(name);
      for (const [name, before] of Object.entries(snapshot.units)) {
        const unit = host.unit(name);
        if (!unit) continue;
        const changed = JSON.stringify(unit.config) !== JSON.stringify(before.config);
        if (changed) unit.configure(before.config as never);
        if (before.enabled) unit.enable();
        else unit.disable();
        // Whatever runs on settings of its own, or on none that are known, starts afresh.
        if (changed) unit.restart();
        else if (unit.view.state !== "active") unit.start();
      }
      const differs = JSON.stringify(await runtimeStates()) !== JSON.stringify(snapshot.upstreams);
      if (store.read().yaml !== snapshot.config || differs)
        await actions.applyYaml(snapshot.config, "lab", "reset");
      await host.settled();
    },
    stop: () => host.dispose(),
  };
}
