import { execFile, spawn } from "node:child_process";
import { CodedError } from "../../../runtime/errors.ts";

/** The Compose command of this machine: version 2 is a part of `docker`, version 1 a program of its own. */
export interface ComposeCommand {
  /** Rejects with CodedError ENVIRONMENT and its last words when it fails; with the signal's reason when it was ended. */
  run(args: readonly string[], options?: ComposeRun): Promise<void>;
}

export interface ComposeRun {
  /** Called with each line that it writes. */
  readonly line?: (text: string) => void;
  /** Called with its process group once it runs, and again when it has ended. */
  readonly onGroup?: (group: number | undefined) => void;
  /** Ends it. Only when it has ended does `run` reject: nothing is made behind anybody's back. */
  readonly signal?: AbortSignal;
}

export interface ComposeSettings {
  readonly file: string;
  readonly project: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const CANDIDATES: readonly (readonly [string, ...string[]])[] = [["docker", "compose"], ["docker-compose"]];
const LAST_LINES = 6;

/** Throws CodedError ENVIRONMENT when there is none. */
export async function findCompose({ file, project, environment }: ComposeSettings): Promise<ComposeCommand> {
  const env = withoutUndefined(environment);
  const { program, prefix } = await locate(env);
  return {
    run: (args, options = {}) =>
      ran(program, [...prefix, "-f", file, "-p", project, ...args], { env, ...options }),
  };
}

/** The version of the Compose that `findCompose` finds. Throws CodedError ENVIRONMENT when there is none. */
export const composeVersion = async (environment: ComposeSettings["environment"]): Promise<string> =>
  (await locate(withoutUndefined(environment))).version;

interface LocatedCompose {
  readonly program: string;
  readonly prefix: readonly string[];
  readonly version: string;
}

async function locate(env: Record<string, string | undefined>): Promise<LocatedCompose> {
  for (const [program, ...prefix] of CANDIDATES) {
    const version = await versionOf(program, prefix, env);
    if (version !== undefined) return { program, prefix, version };
  }
  throw new CodedError(
    "ENVIRONMENT",
    "there is no Docker Compose here, neither `docker compose` nor docker-compose",
    { hint: "install Compose, or leave --world docker away: the lab needs no containers" },
  );
}

const withoutUndefined = (environment: ComposeSettings["environment"]): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));

/** Undefined when there is no such program, or no Compose in it. */
const versionOf = (
  program: string,
  prefix: readonly string[],
  env: Record<string, string | undefined>,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(program, [...prefix, "version", "--short"], { env, timeout: 10_000 }, (error, out) =>
      resolve(error === null ? out.trim() : undefined),
    );
  });

interface Run extends ComposeRun {
  readonly env: Record<string, string | undefined>;
}

function ran(program: string, args: readonly string[], { env, line, onGroup, signal }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // A group of its own: Ctrl-C is for the lab, which takes its containers down in good order.
    const child = spawn(program, [...args], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    if (child.pid !== undefined) onGroup?.(child.pid);
    const said: string[] = [];
    const take = (chunk: Buffer): void => {
      for (const text of chunk
        .toString("utf8")
        .split(/[\r\n]+/)
        .filter((part) => part.trim() !== "")) {
        said.push(text);
        if (said.length > LAST_LINES) said.shift();
        line?.(text);
      }
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    const end = (): void => void child.kill("SIGTERM");
    signal?.addEventListener("abort", end, { once: true });
    child.once("error", reject);
    child.once("close", (code) => {
      onGroup?.(undefined);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted === true) return reject(signal.reason as Error);
      if (code === 0) return resolve();
      reject(new CodedError("ENVIRONMENT", `${program} ${args.join(" ")} failed:\n${said.join("\n")}`));
    });
  });
}
