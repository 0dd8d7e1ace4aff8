import type { Path } from "../../../runtime/yaml/fault.ts";
import type { BalancerConfig } from "../schema.ts";

/** A setting that two versions in one process cannot have in two ways. */
export interface SharedSetting {
  readonly path: Path;
  readonly message: string;
}

/** Settings of the process and of its connections, which are there before it is known whose request comes. */
const OF_THE_PROCESS = ["engine", "admin", "log", "accessLog", "environment", "rollout"] as const;
const OF_CONNECTIONS = ["clientHeadMs", "clientBodyMs", "idleMs"] as const;

/** All in which a configuration differs from the one in force that cannot be tried on a part of the users; its routes and pools can. */
export function settingsOfBoth(config: BalancerConfig, active: BalancerConfig): readonly SharedSetting[] {
  const found: SharedSetting[] = [];
  const compare = (path: Path, one: unknown, other: unknown) => {
    if (JSON.stringify(one) !== JSON.stringify(other))
      found.push({
        path,
        message: "is the same for all users and cannot be changed by a canary: apply this change by itself",
      });
  };
  for (const setting of OF_THE_PROCESS) compare([setting], config[setting], active[setting]);
  for (const setting of OF_CONNECTIONS)
    compare(["timeouts", setting], config.timeouts[setting], active.timeouts[setting]);
  if (config.listeners.length !== active.listeners.length)
    compare(["listeners"], config.listeners.length, active.listeners.length);
  else
    for (const [index, { routes: _, ...listener }] of config.listeners.entries()) {
      const { routes: __, ...now } = active.listeners[index] ?? { routes: [] };
      compare(["listeners", index], listener, now);
    }
  return found;
}
