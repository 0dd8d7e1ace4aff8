import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../runtime/clock.ts";
import { CodedError, systemCode } from "../../../runtime/errors.ts";
import { shownConfig, type UnitConfig } from "../unit-config.ts";
import type { Sight } from "../world.ts";
import type { LiveParts } from "../actions.ts";
import type { PortPlan } from "../ports.ts";

export interface SightParts extends LiveParts {
  readonly clock: Clock;
  readonly plan: PortPlan;
  readonly logs: string;
  readonly root: string;
}

/** `lblab logs access`: the balancer's access log, beside the units' own logs. */
const ACCESS_LOG = "access";
const TAIL_BYTES = 1024 * 1024;

/** Looking at the real lab. */
export function createSight({ host, admin, store, changes, plan, logs, root }: SightParts): Sight {
  return {
    units: () => host.units(),
    unitConfig: (unit) => shownConfig(configOf(unit)),
    async logs(unit, lines) {
      const path = unit === ACCESS_LOG ? join(root, "access.log") : join(logs, `${unit}.log`);
      if (unit !== ACCESS_LOG && !host.unit(unit)) throw noUnit(unit);
      try {
        return await tail(path, lines);
      } catch (error) {
        if (systemCode(error) === "ENOENT") return [];
        throw error;
      }
    },
    async config(version) {
      const found = version === undefined ? store.read() : store.at(version);
      if (!found) throw new CodedError("NOT_FOUND", `there is no version ${version} of the configuration`);
      return found;
    },
    configHistory: async () => store.history(),
    changes: () => changes.entries,
    ports: async () => {
      const ports = await host.ports();
      return ports.filter(({ port, pid }) => pid !== undefined || port === plan.listener);
    },
    pools: () => admin.pools(),
    async metrics(unit) {
      if (unit === "balancer") return admin.metrics();
      const config = configOf(unit);
      const port = config["port"] ?? config["metricsPort"];
      if (typeof port !== "number") return undefined;
      try {
        const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
          headers: { connection: "close" },
          signal: AbortSignal.timeout(2000),
        });
        return response.ok ? await response.text() : undefined;
      } catch {
        // Down or not serving: the caller says so.
        return undefined;
      }
    },
  };

  function configOf(name: string): UnitConfig {
    const found = host.unit(name);
    if (!found) throw noUnit(name);
    return found.config;
  }

  function noUnit(name: string): CodedError {
    const names = host.units().map((unit) => unit.name);
    return new CodedError(
      "NOT_FOUND",
      `there is no unit ${name}; there is ${[...names, ACCESS_LOG].join(", ")}`,
    );
  }
}

/** The last lines of a file, read from its end. */
async function tail(path: string, lines: number): Promise<string[]> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const all = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    // A read from the middle begins in the middle of a line.
    if (from > 0) all.shift();
    return all.filter((line) => line !== "").slice(-lines);
  } finally {
    await file.close();
  }
}
