import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface RunningUnit {
  readonly messages: readonly { readonly type: string; readonly [key: string]: unknown }[];
  /** Resolves with its exit code, once it has ended by itself or by a signal. */
  readonly ended: Promise<number | null>;
  /** Signals it to finish; resolves with its exit code. */
  finish(): Promise<number | null>;
}

/** Starts the built main of a unit with this configuration, as the supervisor would. */
export function runUnitMain(build: string, main: string, config: { name: string }): RunningUnit {
  const configPath = join(build, `${config.name}.json`);
  writeFileSync(configPath, JSON.stringify(config));
  const child = fork(join(build, main), [configPath], { silent: true, execArgv: [] });
  const messages: { type: string; [key: string]: unknown }[] = [];
  child.on("message", (message) => messages.push(message as (typeof messages)[number]));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return {
    messages,
    ended,
    finish() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
