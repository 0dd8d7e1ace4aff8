import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { every, systemClock, type Clock } from "./clock.ts";
import { messageOf } from "./errors.ts";
import { isHandover, type Handover } from "./handover.ts";
import { hmacSign } from "./hmac-sign.ts";
import { keysOf, type Keys } from "./keys.ts";
import { logFatal, type Log } from "./log.ts";
import { createLog } from "./process-log.ts";
import { readSupervisorInput } from "./supervisor-input.ts";

/**
 * The interface between a child process and the supervisor: `node main.js FILE`, FILE being the unit's JSON configuration
 * with at least `name`. A lab's supervisor sends the configuration over the channel, with the keys, and the file is a copy
 * for people. The child sends `ready` once it serves, and may send further messages. SIGTERM asks it to finish;
 * SIGHUP to read its configuration again.
 */
export interface UnitProcess<Config> {
  readonly config: Config;
  readonly configPath: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the process should finish. */
  readonly lifetime: AbortSignal;
  /** Empty without a supervisor that passes any. */
  readonly keys: Keys;
  ready(detail?: Record<string, unknown>): void;
  send(message: UnitMessage): void;
  /** Handles SIGHUP from now on. One that came before is not lost: it is handled at once. */
  onReload(run: () => void): void;
}

export interface UnitMessage {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Runs a unit's main: reads its configuration, ends with the supervisor, turns signals into an abort,
 * and exits 0 once `main` has returned after that abort. A failure is logged with its system code and exits 1.
 */
export function runUnit<Config extends { name: string }>(
  parse: (raw: unknown) => Config,
  main: (unit: UnitProcess<Config>) => Promise<void>,
): void {
  const configPath = process.argv[2];
  if (configPath === undefined) {
    process.stderr.write("usage: main.js CONFIG.json\n");
    process.exit(2);
  }
  const stop = new AbortController();
  dieWithSupervisor();
  // A terminal sends Ctrl-C to the whole group; only the supervisor decides when its units end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => stop.abort());
  const reloads = createReloads();
  process.on("SIGHUP", () => reloads.ask());

  void handedOver(configPath).then(({ config: raw, keys }) => {
    const config = readAs(configPath, () => parse(raw));
    // The name in `ps`, `top` and `ss -ltnp`, which would show a dozen processes named node.
    process.title = config.name;
    const log = createLog(config.name);
    if (process.env["LBLAB_SUPERVISOR"] !== undefined || isInContainer())
      every(systemClock, ALIVE_EVERY_MS, () => report({ type: "alive" }));
    main({
      config,
      configPath,
      clock: systemClock,
      log,
      lifetime: stop.signal,
      keys: keysOf(keys, hmacSign),
      ready: (detail = {}) => report({ type: "ready", ...detail }),
      send: report,
      onReload: (run) => reloads.serve(run),
    }).then(
      () => process.exit(0),
      (error: unknown) => {
        logFatal(log, error);
        process.exit(1);
      },
    );
  });
}

/** How often a process reports that its event loop runs. */
const ALIVE_EVERY_MS = 1000;

/** Waits for the supervisor's handover; without a supervisor reads the file. */
async function handedOver(configPath: string): Promise<Handover> {
  if (isInContainer()) {
    const line = await readSupervisorInput(process.stdin, {
      clock: systemClock,
      onLost: () => process.exit(0),
    });
    if (line !== "") return JSON.parse(line) as Handover;
  } else if (process.env["LBLAB_SUPERVISOR"] !== undefined) {
    return new Promise((resolve) =>
      process.on("message", (message) => {
        if (isHandover(message)) resolve(message);
      }),
    );
  }
  const config = readAs(configPath, () => JSON.parse(readFileSync(configPath, "utf8")) as unknown);
  return { config, keys: {} };
}

/** The result of `read`; when it throws, the process prints the file's name with the error, and exits. */
function readAs<T>(configPath: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${configPath}: ${messageOf(error)}\n`);
    return process.exit(2);
  }
}

/** Requests to reload, which may come before there is a handler. */
export interface Reloads {
  ask(): void;
  /** Sets the handler of each request from now on; it runs at once if there were requests before. */
  serve(run: () => void): void;
}

export function createReloads(): Reloads {
  let reload: (() => void) | undefined;
  let waiting = false;
  return {
    ask() {
      if (reload) reload();
      else waiting = true;
    },
    serve(run) {
      reload = run;
      if (waiting) run();
      waiting = false;
    },
  };
}

/** Begins a line of standard output that is a message: a process in a container has no other channel. */
export const MESSAGE_PREFIX = "\u0001lblab ";

/** Whether a lab runs this process in a container of its own, with messages over standard input and output. */
const isInContainer = (): boolean => process.env["LBLAB_MESSAGES"] === "stdout";

function report(message: UnitMessage): void {
  if (isInContainer()) {
    process.stdout.write(`${MESSAGE_PREFIX}${JSON.stringify(message)}\n`);
    return;
  }
  // Between the supervisor's death and our own the channel is closed: messages are dropped.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/**
 * Ends this process when the supervisor is gone, even by SIGKILL. A child whose event loop runs sees the channel close. One
 * whose loop is blocked is killed by the kernel, where the supervisor could start us under `setpriv --pdeathsig`;
 * elsewhere a thread watches the parent.
 */
function dieWithSupervisor(): void {
  const { ppid } = process;
  // It may have died during our start: too early for the kernel's signal to us, and for a watch. The
  // channel may even have been closed, and noticed, while our modules were loaded.
  const supervisor = process.env["LBLAB_SUPERVISOR"];
  if (supervisor !== undefined && (supervisor !== String(ppid) || !process.connected)) process.exit(0);
  if (!process.connected) return;
  process.on("disconnect", () => process.exit(0));
  if (process.env["LBLAB_PDEATHSIG"] === "1") return;
  const watch = `setInterval(() => process.ppid !== ${ppid} && process.kill(process.pid, "SIGKILL"), 500);`;
  new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } }).unref();
}
