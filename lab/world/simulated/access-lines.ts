import type { AccessLog, AccessLogConfig } from "../../../lb/telemetry/access-log.ts";
import { haproxyLine, jsonLine } from "../../../lb/telemetry/access-line.ts";
import type { RequestRecord } from "../../../lb/balancer.ts";

/** The balancer's access log in memory: the last requests, made into lines only when somebody reads them. */
export interface AccessLines {
  open(config: AccessLogConfig): AccessLog;
  /** Oldest first. */
  tail(lines: number): readonly string[];
}

const KEPT = 1000;

/** `onRecord` is told each record, too. */
export function createAccessLines(onRecord?: (record: RequestRecord) => void): AccessLines {
  const ring: { readonly record: RequestRecord; readonly line: (record: RequestRecord) => string }[] = [];
  let next = 0;
  return {
    open({ format }) {
      const line = format === "json" ? jsonLine : haproxyLine;
      return {
        write(record) {
          ring[next] = { record, line };
          next = (next + 1) % KEPT;
          onRecord?.(record);
        },
        close: async () => {},
      };
    },
    tail(lines) {
      const inOrder = [...ring.slice(next), ...ring.slice(0, next)];
      return inOrder.slice(-lines).map(({ record, line }) => line(record));
    },
  };
}
