import { messageOf } from "../../runtime/errors.ts";
import type { RequestRecord } from "../balancer.ts";
import type { BalancerConfig } from "../config/schema.ts";
import { UnmetNeed } from "../config/unmet-need.ts";
import type { AccessLog, AccessLogConfig } from "../telemetry/access-log.ts";

/** The access log of the configuration in force. */
export interface AccessLogInForce {
  write(record: RequestRecord): void;
  /** Opens the one that a configuration wants; undefined: none. Throws UnmetNeed. */
  open(config: BalancerConfig): AccessLog | undefined;
  /** Writes there from now on; the old one is flushed and closed. */
  replace(next: AccessLog | undefined): void;
  /** Resolves when all that was written is in its file. */
  close(): Promise<void>;
}

/** `open` throws the system's error. */
export function createAccessLogInForce(open: (config: AccessLogConfig) => AccessLog): AccessLogInForce {
  let current: AccessLog | undefined;
  const closing = new Set<Promise<void>>();

  function close(log: AccessLog): void {
    const ending = log.close().finally(() => closing.delete(ending));
    closing.add(ending);
  }

  return {
    write: (record) => current?.write(record),
    open({ accessLog }) {
      if (accessLog === undefined || accessLog.format === "off") return undefined;
      try {
        return open({ path: accessLog.path, format: accessLog.format });
      } catch (error) {
        const message = `the access log cannot be opened: ${messageOf(error)}`;
        throw new UnmetNeed("ENVIRONMENT", ["accessLog", "path"], message, error);
      }
    },
    replace(next) {
      const old = current;
      current = next;
      if (old) close(old);
    },
    async close() {
      if (current) close(current);
      await Promise.all(closing);
    },
  };
}
