import type { ConfigStore } from "../../lb/config/store.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { AdminClient } from "./admin-client.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Host, Unit } from "./host.ts";
import { shownConfig } from "./unit-config.ts";
import type { Sight } from "./world.ts";

export interface SightParts {
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  readonly changes: ChangeLog;
  /** Port of the public listener: it is shown even while nothing listens there. */
  readonly listenerPort: number;
  /** Of the balancer, which publishes its metrics there. */
  readonly adminPort: number;
}

/** What differs between worlds: where logs are, and how a program's metrics are read. */
export interface SightEdges {
  /** The last lines of a unit's log, oldest first. */
  unitLog(unit: string, lines: number): Promise<readonly string[]>;
  /** The last lines of the balancer's access log, oldest first. */
  accessLog(lines: number): Promise<readonly string[]>;
  /** The text exposition of the program that listens on this port; undefined when none answers. */
  exposition(port: number): Promise<string | undefined>;
}

/** `lblab logs access`: the balancer's access log, beside the units' own logs. */
const ACCESS_LOG = "access";

/** What a trainee sees of a machine, the same in every world. */
export function createSight(
  { host, admin, store, changes, listenerPort, adminPort }: SightParts,
  { unitLog, accessLog, exposition }: SightEdges,
): Sight {
  function known(name: string): Unit {
    const unit = host.unit(name);
    if (unit) return unit;
    const names = [...host.units().map((one) => one.name), ACCESS_LOG];
    throw new CodedError("NOT_FOUND", `there is no unit ${name}; there is ${names.join(", ")}`);
  }

  return {
    units: () => host.units(),
    unitConfig: (unit) => shownConfig(known(unit).config),
    async logs(unit, lines) {
      return unit === ACCESS_LOG ? accessLog(lines) : unitLog(known(unit).name, lines);
    },
    async config(version) {
      const found = version === undefined ? store.read() : store.at(version);
      if (!found) throw new CodedError("NOT_FOUND", `there is no version ${version} of the configuration`);
      return found;
    },
    configHistory: async () => store.history(),
    changes: () => changes.entries,
    async ports() {
      const ports = await host.ports();
      return ports.filter(({ port, pid }) => pid !== undefined || port === listenerPort);
    },
    canary: () => admin.canaryStatus(),
    rollout: () => admin.rollout(),
    audit: () => admin.audit(),
    pools: () => admin.pools(),
    async metrics(unit) {
      if (unit === "balancer") return exposition(adminPort);
      const { config } = known(unit);
      const port = config["port"] ?? config["metricsPort"];
      return typeof port === "number" ? exposition(port) : undefined;
    },
  };
}
