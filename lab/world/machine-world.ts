import type { Parser } from "../../lb/config/parse-aside.ts";
import type { ConfigStore } from "../../lb/config/store.ts";
import type { Clock } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Stage, Undo } from "../../scenarios/scenario.ts";
import { configText } from "../../scenarios/shop.ts";
import type { Actor } from "../trainee/actor.ts";
import { changeOf } from "./act-change.ts";
import { createActions } from "./actions.ts";
import type { AdminClient } from "./admin-client.ts";
import { createBringUp, type BringUpParts } from "./bring-up.ts";
import { createChangeGates, type ProposedChange } from "./change-gate.ts";
import { createChangeLog } from "./change-log.ts";
import { gatedStage } from "./gated-stage.ts";
import type { Host } from "./host.ts";
import { createMonitoringClient, type MonitoringEdges } from "./monitoring-client.ts";
import { createMonitoring, followAlerts, type AlertFeed, type Monitoring } from "./monitoring.ts";
import { DEFAULT_BASE_PORT, HOST, type PortPlan } from "./ports.ts";
import { relocate } from "./relocate.ts";
import { createSight, type SightEdges } from "./sight.ts";
import { createSnapshots } from "./snapshot.ts";
import { createStage } from "./stage.ts";
import type { UnitSettings } from "./topology.ts";
import type { World } from "./world.ts";

/** What differs between worlds that are one machine: its host, and how its programs are reached and observed. */
export interface MachineWorldParts extends Pick<
  BringUpParts,
  "placed" | "watchers" | "importAt" | "fillCache"
> {
  readonly clock: Clock;
  readonly plan: PortPlan;
  readonly seed: number;
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  readonly parse: Parser;
  /** Configuration of the balancer's unit. */
  readonly balancer: UnitSettings["balancer"];
  readonly sight: SightEdges;
  readonly monitoring: MonitoringEdges;
  /** The unit that reports alerts to the supervisor. */
  readonly alertsFrom: string;
  readonly onRequests: World["onRequests"];
  /** What can be seen of instruments beyond their units' events. */
  readonly watchInstruments?: World["watchInstruments"];
  readonly foreignPrograms?: () => Promise<readonly string[]>;
  /** Runs an act of the lab itself, on a unit where one is named. Absent where nobody else can reach the world. */
  readonly own?: <T>(run: () => Promise<T>, unit?: string) => Promise<T>;
}

/** A world, and its input for alerts beside the messages of its units. */
export interface MachineWorld extends World {
  readonly monitoring: Monitoring & AlertFeed;
}

/** A world that is one machine with its units, real or modelled. */
export function createMachineWorld(parts: MachineWorldParts): MachineWorld {
  const { clock, plan, seed, host, admin, store, own = (run) => run() } = parts;
  const changes = createChangeLog(clock);
  const shared = { ...parts, changes, offset: plan.listener - DEFAULT_BASE_PORT };
  const actions = createActions(shared);
  const sight = createSight({ ...shared, listenerPort: plan.listener, adminPort: plan.admin }, parts.sight);
  const monitoring = createMonitoring({ clock, ...createMonitoringClient(parts.monitoring, { clock }) });
  followAlerts(host, parts.alertsFrom, monitoring);
  const settings: UnitSettings = {
    seed,
    listener: `${HOST}:${plan.listener}`,
    balancer: parts.balancer,
    probeMetricsPort: plan.probeMetrics,
  };
  const gates = createChangeGates();
  const proposed = (step: Action, by: Actor): ProposedChange =>
    changeOf(step, by, { store, changes: changes.entries });
  return {
    clock,
    sight,
    monitoring,
    stage: gatedStage({
      stage: ownStage(createStage(shared, actions), own),
      gates,
      changes: () => changes.entries,
      configText: () => store.read().yaml,
      offset: shared.offset,
      textOf: (config) => configText(parts.placed(relocate(config, shared.offset))),
    }),
    act: (step, by) =>
      own(
        async () => {
          const change = proposed(step, by);
          const result = await actions.act(step, by);
          if (result.ok) gates.after(change);
          return result;
        },
        "unit" in step ? step.unit : undefined,
      ),
    guardChanges: gates.guard,
    admit: (step, by) => gates.before(proposed(step, by)),
    checkConfig: actions.checkConfig,
    onProbe: (run) => host.onMessage("probe", (message) => message.type === "probe" && run(message as never)),
    onLoad: (run) => host.onMessage("load", (message) => message.type === "load" && run(message as never)),
    onUnit: host.onEvent,
    onChange: changes.onEntry,
    onRequests: parts.onRequests,
    start: createBringUp({ ...shared, sight, settings }),
    watchInstruments: instrumentWatch(host, parts.watchInstruments),
    ...(parts.foreignPrograms ? { foreignPrograms: parts.foreignPrograms } : {}),
    reboot: (order) => own(() => host.reboot(seeded(order).fork("reboot"))),
    ...createSnapshots({ host, store, admin, actions }),
    stop: () => host.dispose(),
  };
}

type Own = NonNullable<MachineWorldParts["own"]>;

/** A stage whose changes, and what takes them back, are the lab's own. */
function ownStage(stage: Stage, own: Own): Stage {
  const owned =
    <Args extends readonly unknown[]>(change: (...args: Args) => Promise<Undo>) =>
    async (...args: Args): Promise<Undo> => {
      const undo = await own(() => change(...args));
      return () => own(undo);
    };
  return {
    pushConfig: owned(stage.pushConfig),
    installPackage: owned(stage.installPackage),
    deploy: owned(stage.deploy),
    tune: owned(stage.tune),
    restart: owned(stage.restart),
    retire: owned(stage.retire),
  };
}

/** Reports instruments that ended by themselves, and what else a world observes of them. */
const instrumentWatch =
  (host: Host, beyond: World["watchInstruments"] | undefined): World["watchInstruments"] =>
  (run) => {
    const cancels = [
      host.onEvent(({ unit, from, to, reason }) => {
        // One that the lab itself stops is deactivating first.
        if (from !== "active" || to === "deactivating" || host.unit(unit)?.definition.outside !== true)
          return;
        run(`${unit} ended (${reason}): without it users cannot be judged`);
      }),
      beyond?.(run) ?? (() => {}),
    ];
    return () => cancels.forEach((cancel) => cancel());
  };
