import { join } from "node:path";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { seeded } from "../../../runtime/random.ts";
import type { ActiveAlert } from "../../observe/alert-log.ts";
import type { Notification } from "../../observe/pager/notification.ts";
import { configFile } from "../../../lb/config/medium.ts";
import { createConfigStore } from "../../../lb/config/store.ts";
import type { Topology } from "../../../scenarios/scenario.ts";
import { configText } from "../../../scenarios/shop.ts";
import type { Host } from "../host.ts";
import { relocate } from "../relocate.ts";
import { createMonitoring } from "../monitoring.ts";
import { createPrometheusClient } from "../prometheus-client.ts";
import { backendUnit, balancerUnit, evaluatorUnit, outsideUnits, type UnitSettings } from "../topology.ts";
import type { UnitConfig } from "../unit-config.ts";
import type { Snapshot, World } from "../world.ts";
import { createActions } from "./actions.ts";
import { createAdminClient } from "./admin-client.ts";
import { createChangeLog } from "./change-log.ts";
import { DEFAULT_BASE_PORT, type PortPlan } from "./ports.ts";
import type { RunDir } from "./run-dir.ts";
import { importSessions } from "./sessions.ts";
import { createSight } from "./sight.ts";
import { createStage } from "./stage.ts";

export interface LiveWorldConfig {
  readonly plan: PortPlan;
  readonly seed: number;
  /** Directory with the alert rules and Alertmanager's configuration. */
  readonly dashboards: string;
  /** Who else is told of alerts. */
  readonly notify: UnitConfig | undefined;
}

export interface LiveWorldDeps {
  readonly clock: Clock;
  readonly runDir: RunDir;
  readonly host: Host;
}

/** Real processes on this machine. */
export function createLiveWorld(
  { plan, seed, dashboards, notify }: LiveWorldConfig,
  { clock, runDir, host }: LiveWorldDeps,
): World {
  const offset = plan.listener - DEFAULT_BASE_PORT;
  const listener = `127.0.0.1:${plan.listener}`;
  const configPath = join(runDir.paths.root, "balancer.yaml");
  const store = createConfigStore(configFile(configPath), { clock });
  const admin = createAdminClient(plan.admin, runDir.token);
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
    ...createPrometheusClient(
      { prometheus: evaluator, alertmanager: evaluator, token: runDir.token },
      { clock },
    ),
  });
  host.onMessage("evaluator", (message) => {
    if (message.type === "alerts") monitoring.active((message as never as { alerts: ActiveAlert[] }).alerts);
    if (message.type === "told")
      monitoring.told((message as never as { notification: Notification }).notification);
  });
  const parts = { host, admin, store, changes, offset, seed };
  const actions = createActions(parts);
  const sight = createSight({ ...parts, clock, plan, logs: runDir.paths.logs, root: runDir.paths.root });

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

  const runtimeStates = async (): Promise<Record<string, string>> => {
    const pools = (await admin.pools()) ?? [];
    return Object.fromEntries(
      pools.flatMap(({ pool, upstreams }) =>
        // Health is the checks' business and comes and goes; what somebody set is what a reset must put back.
        upstreams.map(({ upstream, state, weight }) => [
          `${pool}/${upstream}`,
          `${state === "DOWN" || state === "UP" ? "ready" : state} weight ${weight}`,
        ]),
      ),
    );
  };

  return {
    clock,
    sight,
    monitoring,
    stage: createStage(parts, actions),
    act: actions.act,
    onProbe: (run) =>
      void host.onMessage("probe", (message) => message.type === "probe" && run(message as never)),
    onLoad: (run) =>
      void host.onMessage("load", (message) => message.type === "load" && run(message as never)),
    async start(given, workload) {
      const topology: Topology = relocate(given, offset);
      store.create(configText(topology.config), {
        author: "lab",
        reason: "reviewed and known to work",
      });
      const backends = topology.backends.map((spec) => backendUnit(spec, seed));
      for (const unit of [...backends, balancerUnit(settings)]) host.add(unit);
      await bringUp([...backends.map(({ name }) => name), "balancer"]);
      const sessions = workload.users.login && (await importSessions(topology, workload));
      const outside = [
        ...outsideUnits(topology, workload, settings, sessions),
        evaluatorUnit(topology, {
          port: plan.evaluator,
          tokenPath: runDir.paths.token,
          dashboards,
          adminPort: plan.admin,
          probeMetricsPort: plan.probeMetrics,
          controlPort: plan.control,
          notify,
        }),
      ];
      for (const unit of outside) host.add(unit);
      await bringUp(outside.map(({ name }) => name));
    },
    reboot: (order) => host.reboot(seeded(order).fork("reboot")),
    async snapshot(): Promise<Snapshot> {
      return {
        config: store.read().yaml,
        units: Object.fromEntries(
          host.units().map(({ name, state, enabled, config }) => [name, { state, enabled, config }]),
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
        const changed = JSON.stringify(unit.view.config) !== JSON.stringify(before.config);
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
