import type { ChildProcess } from "node:child_process";
import type { Order, Report, Seen } from "./load-process.ts";
import { processCost } from "./process-cost.ts";

/** One measurement of one contender. */
export interface Measurement extends Seen {
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
  /** Share of its core that it had, 0..1: below 1 the load, or another process, bounded it. */
  readonly busyRatio: number;
  readonly pssMb: number;
}

/** Has the load carry out an order, and reads what `pid` and its children spent in the measured time. */
export function measure(load: ChildProcess, pid: number, order: Order): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    let begun = 0;
    let cpuSeconds = 0;
    let pssMb = 0;
    const onExit = () => reject(new Error("the load ended before it was done"));
    const onReport = (report: Report) => {
      if (report.event === "seen") return settle(report.seen);
      if (report.event === "begin") begun = processCost(pid).cpuSeconds;
      else {
        const cost = processCost(pid);
        cpuSeconds = cost.cpuSeconds - begun;
        pssMb = cost.pssMb;
      }
    };
    load.once("exit", onExit);
    load.on("message", onReport);
    load.send(order);

    function settle(seen: Seen) {
      load.off("message", onReport);
      load.off("exit", onExit);
      resolve({
        ...seen,
        requestsPerSecond: seen.requests / seen.seconds,
        cpuMicrosPerRequest: (cpuSeconds * 1e6) / seen.requests,
        busyRatio: cpuSeconds / seen.seconds,
        pssMb,
      });
    }
  });
}
