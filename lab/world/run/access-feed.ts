import { join } from "node:path";
import type { Cancel, Clock } from "../../../runtime/clock.ts";
import { createSubscribers } from "../../../runtime/subscribers.ts";
import { parseAccessLine, type AccessBatch, type AccessRecord } from "../access-record.ts";
import type { World } from "../world.ts";
import { followLog } from "./log-follow.ts";

/** Where the balancer of a lab writes its access log, below its working directory. */
export const accessLogPath = (directory: string): string => join(directory, "access.log");

/**
 * Requests that the balancer ends, read from its access log while there are subscribers: that costs the balancer
 * nothing. What is in the log and is no line of its JSON format counts as missed.
 */
export function createAccessFeed(path: string, clock: Clock): World["onRequests"] {
  const batches = createSubscribers<AccessBatch>();
  let stop: Cancel = () => {};
  return (run) => {
    const unsubscribe = batches.add(run);
    if (batches.size === 1)
      stop = followLog(path, { clock, onLines: (lines, missed) => batches.emit(batchOf(lines, missed)) });
    return () => {
      unsubscribe();
      if (batches.size === 0) stop();
    };
  };
}

function batchOf(lines: readonly string[], missed: boolean): AccessBatch {
  const records: AccessRecord[] = [];
  for (const line of lines) {
    const record = parseAccessLine(line);
    if (record) records.push(record);
  }
  return { records, missed: missed || records.length < lines.length };
}
