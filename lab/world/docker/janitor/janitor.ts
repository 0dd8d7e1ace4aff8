import { spawn } from "node:child_process";
import { join } from "node:path";
import type { DockerEndpoint } from "../endpoint.ts";
import type { JanitorMessage } from "./messages.ts";

export interface JanitorConfig {
  /** The checkout. */
  readonly root: string;
  readonly endpoint: DockerEndpoint;
  /** `key=value` that containers and networks of the run carry. */
  readonly label: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A process that outlives this one, and removes a run's containers if this one ended without doing so. */
export interface Janitor {
  /** Compose has been started, as a process group with this number: it ends with this process, too. */
  composeStarted(group: number): void;
  composeEnded(): void;
  /** Nothing is left to remove: it ends. */
  dismiss(): void;
}

export function startJanitor({ root, endpoint, label, environment }: JanitorConfig): Janitor {
  const main = join(root, "dist/lab/world/docker/janitor/main.js");
  // A session of its own, so that Ctrl-C in the terminal does not reach it.
  const child = spawn(process.execPath, [main], {
    detached: true,
    env: environment,
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  const report = (message: JanitorMessage): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  report({ type: "run", endpoint, label });
  return {
    composeStarted: (group) => report({ type: "compose", group }),
    composeEnded: () => report({ type: "compose-ended" }),
    dismiss() {
      report({ type: "done" });
      child.stdin.end();
    },
  };
}
