import { existsSync, readdirSync } from "node:fs";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CodedError } from "../../runtime/errors.ts";
import { Secret } from "../../runtime/secret.ts";
import { createControlClient, type ControlClient } from "../control/client.ts";
import { DEFAULT_BASE_PORT, portPlan } from "../world/ports.ts";
import { runRoot } from "../world/run/run-dir.ts";
import { runPaths } from "../world/run/run-files.ts";
import { inspectRun } from "../world/run/stale.ts";

/** Where a command works; flag before `LBLAB_*` variable before default. */
export interface Settings {
  readonly home: string;
  readonly portBase: number | undefined;
  /** Where incidents happen: processes of this machine, or containers. */
  readonly world: (typeof WORLDS)[number];
  /** Further receivers of alerts, from LBLAB_NOTIFY_WEBHOOK, LBLAB_NOTIFY_NTFY and LBLAB_NOTIFY_SLACK. */
  readonly notify: Readonly<Record<string, Secret>>;
}

const TARGETS = ["webhook", "ntfy", "slack"] as const;

function notifyFrom(environment: NodeJS.ProcessEnv): Settings["notify"] {
  return Object.fromEntries(
    TARGETS.flatMap((name) => {
      const variable = `LBLAB_NOTIFY_${name.toUpperCase()}`;
      const url = environment[variable];
      if (url === undefined || url === "") return [];
      // Its text may hold a secret and is not repeated.
      if (!/^https?:\/\//.test(url) || !URL.canParse(url))
        throw new CodedError("USAGE", `${variable} must be an http or https URL`);
      return [[name, new Secret(url)]];
    }),
  );
}

export const WORLDS = ["live", "docker"] as const;

export function settingsOf(flags: {
  readonly dir?: string;
  readonly portBase?: string;
  readonly world?: string;
}): Settings {
  const base = flags.portBase ?? process.env["LBLAB_PORT_BASE"];
  if (base !== undefined && !/^\d+$/.test(base))
    throw new CodedError("USAGE", `--port-base must be a whole number, not "${base}"`);
  const given = flags.world ?? process.env["LBLAB_WORLD"] ?? "live";
  const world = WORLDS.find((one) => one === given);
  if (!world)
    throw new CodedError("USAGE", `there is no world "${given}"`, { hint: `there is ${WORLDS.join(", ")}` });
  return {
    world,
    notify: notifyFrom(process.env),
    home: resolve(flags.dir ?? process.env["LBLAB_DIR"] ?? ".lab"),
    portBase: base === undefined ? undefined : Number(base),
  };
}

/** The running lab that the settings mean; calls end with the signal. Throws LAB_NOT_RUNNING, or USAGE when several run and none was named. */
export function connect({ home, portBase }: Settings, signal?: AbortSignal): ControlClient {
  const base = portBase ?? onlyRunning(home);
  const root = runRoot(home, base);
  const found = inspectRun(root);
  if (found.kind !== "running")
    throw new CodedError("LAB_NOT_RUNNING", `no lab runs on base port ${base}`, {
      hint: "npx lblab start begins a drill",
    });
  const plan = portPlan(base);
  return createControlClient({
    port: plan.control,
    token: readFileSync(runPaths(root).token, "utf8").trim(),
    instance: found.supervisor.instance,
    pid: found.supervisor.pid,
    signal,
  });
}

/** Base ports that labs have run on here. */
export function basesIn(home: string): readonly number[] {
  const dir = join(home, "run");
  return (existsSync(dir) ? readdirSync(dir) : []).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The base port that the settings name; else that of the only lab that runs here; else the default. */
export function basePortOf({ home, portBase }: Settings): number {
  if (portBase !== undefined) return portBase;
  const [only, another] = runningIn(home);
  return only === undefined || another !== undefined ? DEFAULT_BASE_PORT : only;
}

const runningIn = (home: string): readonly number[] =>
  basesIn(home).filter((base) => inspectRun(runRoot(home, base)).kind === "running");

function onlyRunning(home: string): number {
  const running = runningIn(home);
  const [only, another] = running;
  if (only === undefined)
    throw new CodedError("LAB_NOT_RUNNING", `no lab is running here (${home})`, {
      hint: "npx lblab start begins a drill; --dir names another place to look; upstream has --admin for a balancer that runs without a lab",
    });
  if (another !== undefined)
    throw new CodedError("USAGE", `several labs are running, on base ports ${running.join(", ")}`, {
      hint: "name one with --port-base N",
    });
  return only;
}
