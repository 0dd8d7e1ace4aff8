import type { AccessLog, AccessLogConfig } from "../../../lb/telemetry/access-log.ts";
import { haproxyLine, jsonLine } from "../../../lb/telemetry/access-line.ts";
import type { RequestRecord } from "../../../lb/balancer.ts";
import type { Cancel } from "../../../runtime/clock.ts";
import { createSubscribers } from "../../../runtime/subscribers.ts";
import type { AccessBatch } from "../access-record.ts";

/** The balancer's access log in memory: the last requests, formatted as lines only when they are read. */
export interface AccessLines {
  open(config: AccessLogConfig): AccessLog;
  /** Oldest first. */
  tail(lines: number): readonly string[];
  /** Requests as they end. */
  onBatch(run: (batch: AccessBatch) => void): Cancel;
}

const KEPT = 1000;

/** `onRecord` is called with each record, too. */
export function createAccessLines(onRecord?: (record: RequestRecord) => void): AccessLines {
  const ring: { readonly record: RequestRecord; readonly line: (record: RequestRecord) => string }[] = [];
  const batches = createSubscribers<AccessBatch>();
  let next = 0;
  return {
    open({ format }) {
      const line = format === "json" ? jsonLine : haproxyLine;
      return {
        write(record) {
          ring[next] = { record, line };
          next = (next + 1) % KEPT;
          onRecord?.(record);
          // As a reader of the log's lines finds it: only those in JSON can be read.
          const read = format === "json" ? [record] : [];
          if (batches.size > 0) batches.emit({ records: read, missed: read.length === 0 });
        },
        close: async () => {},
      };
    },
    tail(lines) {
      const inOrder = [...ring.slice(next), ...ring.slice(0, next)];
      return inOrder.slice(-lines).map(({ record, line }) => line(record));
    },
    onBatch: batches.add,
  };
}
