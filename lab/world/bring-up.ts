import type { ConfigStore } from "../../lb/config/store.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { BackendSpec, Topology, Workload } from "../../scenarios/scenario.ts";
import { configText } from "../../scenarios/shop.ts";
import type { Host, UnitDefinition } from "./host.ts";
import { relocate } from "./relocate.ts";
import { importSessions, type ImportAt } from "./sessions.ts";
import { backendUnit, balancerUnit, outsideUnits, type UnitSettings } from "./topology.ts";
import type { Sight, World } from "./world.ts";

export interface BringUpParts {
  readonly host: Host;
  readonly store: ConfigStore;
  readonly sight: Pick<Sight, "logs">;
  readonly settings: UnitSettings;
  /** By how much this world's ports lie above the default ones. */
  readonly offset: number;
  /** The balancer's configuration as this world writes it: addresses depend on the network. */
  readonly placed: (config: Topology["config"]) => Topology["config"];
  /** Units beside the users and the load that watch the machine from outside. */
  readonly watchers: (topology: Topology) => readonly UnitDefinition[];
  readonly importAt: ImportAt;
  /** Fills a web server's cache with these pages. Absent: caches are cold at the start. */
  readonly fillCache?: (server: BackendSpec, pages: NonNullable<Workload["catalogue"]>) => Promise<void>;
}

/** The start of every world: the machine first, then caches and sessions, then users, load and monitoring. */
export function createBringUp(parts: BringUpParts): World["start"] {
  const { host, store, sight, settings } = parts;

  /** Adds and starts the units, and waits until they serve. Throws UNIT_FAILED with the end of the log of one that does not. */
  async function startUnits(units: readonly UnitDefinition[]): Promise<void> {
    const names = units.map(({ name }) => name);
    for (const unit of units) host.add(unit);
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

  async function warmUp({ backends }: Topology, { catalogue }: Workload): Promise<void> {
    if (!catalogue) return;
    for (const server of backends.filter(({ cache }) => cache)) await parts.fillCache?.(server, catalogue);
  }

  return async (given, workload) => {
    const topology: Topology = relocate(given, parts.offset);
    store.create(configText(parts.placed(topology.config)), {
      author: "lab",
      reason: "reviewed and known to work",
    });
    const backends = topology.backends.map((spec) => backendUnit(spec, settings.seed));
    await startUnits([...backends, balancerUnit(settings)]);
    await warmUp(topology, workload);
    const sessions = workload.users.login && (await importSessions(topology, workload, parts.importAt));
    await startUnits([...outsideUnits(topology, workload, settings, sessions), ...parts.watchers(topology)]);
  };
}
