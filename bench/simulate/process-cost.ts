import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Processor time that this process has taken, all its threads, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The reachable heap now: it collects first. */
export function heapMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}
