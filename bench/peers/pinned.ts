import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import type { Program } from "./contender.ts";

/** Starts programs that run on one core only, and ends all of them. */
export interface PinnedPrograms {
  start(core: number, program: Program, stdio: StdioOptions, cwd?: string): ChildProcess;
  /** Resolves when none is left. */
  end(): Promise<void>;
}

export function createPinnedPrograms(): PinnedPrograms {
  const running = new Map<ChildProcess, Promise<void>>();
  return {
    start(core, { file, args }, stdio, cwd) {
      // taskset becomes the program: its pid is the program's.
      const child = spawn("taskset", ["-c", String(core), file, ...args], { stdio, cwd });
      const ended = new Promise<void>((resolve) => {
        child.once("error", () => resolve());
        child.once("exit", () => resolve());
      }).finally(() => running.delete(child));
      running.set(child, ended);
      return child;
    },
    async end() {
      for (const child of running.keys()) child.kill("SIGTERM");
      await Promise.all(running.values());
    },
  };
}
