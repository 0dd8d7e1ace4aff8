import { execFile, spawn } from "node:child_process";
import { CodedError } from "../../../runtime/errors.ts";

/** The Compose command of this machine: version 2 is a part of `docker`, version 1 a program of its own. */
export interface ComposeCommand {
  /** Runs it; `line` is told what it writes. Throws CodedError ENVIRONMENT with its last words when it fails. */
  run(args: readonly string[], line?: (text: string) => void): Promise<void>;
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
  const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  for (const [program, ...prefix] of CANDIDATES) {
    if (!(await works(program, [...prefix, "version"], env))) continue;
    return {
      run(args, line = () => {}) {
        const whole = [...prefix, "-f", file, "-p", project, ...args];
        return ran(program, whole, { env, line });
      },
    };
  }
  throw new CodedError(
    "ENVIRONMENT",
    "there is no Docker Compose here, neither `docker compose` nor docker-compose",
    {
      hint: "install Compose, or leave --world docker away: the lab needs no containers",
    },
  );
}

const works = (
  program: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(program, [...args], { env, timeout: 10_000 }, (error) => resolve(error === null));
  });

interface Run {
  readonly env: Record<string, string | undefined>;
  readonly line: (text: string) => void;
}

function ran(program: string, args: readonly string[], { env, line }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    // A group of its own: Ctrl-C is for the lab, which takes its containers down in good order.
    const child = spawn(program, [...args], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const said: string[] = [];
    const take = (chunk: Buffer): void => {
      for (const text of chunk
        .toString("utf8")
        .split(/[\r\n]+/)
        .filter((part) => part.trim() !== "")) {
        said.push(text);
        if (said.length > LAST_LINES) said.shift();
        line(text);
      }
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      reject(new CodedError("ENVIRONMENT", `${program} ${args.join(" ")} failed:\n${said.join("\n")}`));
    });
  });
}
