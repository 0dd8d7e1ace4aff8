import type { ConfigStore } from "../../../lb/config/store.ts";
import { CodedError } from "../../../runtime/errors.ts";
import type { Host, Unit } from "../host.ts";
import type { AdminClient } from "../live/admin-client.ts";
import type { ChangeLog } from "../change-log.ts";
import type { Sight } from "../world.ts";
import type { AccessLines } from "./access-lines.ts";
import type { LogBook } from "./log-book.ts";
import { shownConfig } from "../unit-config.ts";
import type { Scrapes } from "./scrapes.ts";

export interface SightParts {
  readonly host: Host;
  readonly admin: AdminClient;
  readonly store: ConfigStore;
  readonly changes: ChangeLog;
  readonly logs: LogBook;
  readonly accessLines: AccessLines;
  readonly scrapes: Scrapes;
  readonly listenerPort: number;
}

const ACCESS_LOG = "access";

/** Looking at a modelled machine: the same views that the live one gives. */
export function createSimulatedSight(parts: SightParts): Sight {
  const { host, admin, store, changes, logs, accessLines, scrapes, listenerPort } = parts;

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
      if (unit === ACCESS_LOG) return accessLines.tail(lines);
      return logs.tail(known(unit).name, lines);
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
    pools: () => admin.pools(),
    async metrics(unit) {
      if (unit === "balancer") return admin.metrics();
      const { config } = known(unit);
      const port = config["port"] ?? config["metricsPort"];
      return typeof port === "number" ? scrapes.at(port)?.registry().metrics() : undefined;
    },
  };
}
