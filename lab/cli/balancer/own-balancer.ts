import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { PortHolder } from "../../../runtime/port-holder.ts";
import type { Settings } from "../settings.ts";
import { connect } from "../settings.ts";
import type { RunningOne } from "./check-config.ts";

/** The balancer of the lab that runs, if one does. Never rejects: who checks a file need not have a lab. */
export async function balancerOfLab(settings: Settings): Promise<RunningOne | undefined> {
  try {
    const client = connect(settings);
    // In the background: a check of a file is no look at the lab.
    const background = { background: true };
    const [units, { yaml }] = await Promise.all([
      client.units({}, background),
      client.config({}, background),
    ]);
    return { pid: units.find(({ name }) => name === "balancer")?.pid, yaml };
  } catch {
    return undefined;
  }
}

/** Whether a process is `lblab balancer --config` with this file (an absolute path). False where that cannot be seen. */
export function servesFile({ pid }: PortHolder, file: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const at = words.findIndex((word) => word === "--config" || word.startsWith("--config="));
    const given = words[at]?.startsWith("--config=") === true ? words[at].slice(9) : words[at + 1];
    if (at === -1 || given === undefined || !words.includes("balancer")) return false;
    return realpathSync(resolve(readlinkSync(`/proc/${pid}/cwd`), given)) === realpathSync(file);
  } catch {
    return false;
  }
}
