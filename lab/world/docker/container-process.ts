import { readFileSync } from "node:fs";
import { processState } from "../../../runtime/process-identity.ts";

/**
 * The state letter of a container's process (proc_pid_stat(5)). Undefined when there is no such process in sight: the engine
 * may run on another machine, where the number means another process.
 */
export function containerProcessState(
  pid: number,
  id: string,
  { cgroupOf, stateOf }: ProcessSight = PROC,
): string | undefined {
  return cgroupOf(pid)?.includes(id) === true ? stateOf(pid) : undefined;
}

export interface ProcessSight {
  readonly cgroupOf: (pid: number) => string | undefined;
  readonly stateOf: (pid: number) => string | undefined;
}

const PROC: ProcessSight = {
  stateOf: processState,
  cgroupOf(pid) {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, "utf8");
    } catch {
      return undefined; // ended, or not to be looked into
    }
  },
};
