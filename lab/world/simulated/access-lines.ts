import type { AccessLog, AccessLogConfig } from "../../../lb/access-log.ts";
import { haproxyLine, jsonLine } from "../../../lb/access-line.ts";
import type { RequestRecord } from "../../../lb/balancer.ts";

/** The balancer's access log in memory: the last requests, made into lines only when somebody reads them. */
export interface AccessLines {
  open(config: AccessLogConfig): AccessLog;
  /** Oldest first. */
  tail(lines: number): readonly string[];
}

const KEPT = 1000;

type Line = (record: RequestRecord) => string;
type Tries = RequestRecord["tries"];
/** Undefined as NaN: such a field is a number always, which is changed in its place. */
type Stage = "queueMs" | "connectMs" | "responseMs" | "peerPort";

/** A place in the ring. Nearly all requests have one try, whose names are no news. */
type Kept = { -readonly [Key in Exclude<keyof RequestRecord, "tries" | Stage>]: RequestRecord[Key] } & {
  [Key in Stage]: number;
} & { line: Line; upstream: string | undefined; result: Tries[number]["result"]; tries: Tries | undefined };

/**
 * `onRecord` is told each record, too. Records are copied into places that stay: to keep a thousand of them for a while,
 * and then others, is what a garbage collector is worst at.
 */
export function createAccessLines(onRecord?: (record: RequestRecord) => void): AccessLines {
  const ring: Kept[] = [];
  let next = 0;
  return {
    open({ format }) {
      const line = format === "json" ? jsonLine : haproxyLine;
      return {
        write(record) {
          const place = ring[next];
          if (place) keep(place, record, line);
          else ring.push(keptOf(record, line));
          next = (next + 1) % KEPT;
          onRecord?.(record);
        },
        close: async () => {},
      };
    },
    tail(lines) {
      const inOrder = [...ring.slice(next), ...ring.slice(0, next)];
      return inOrder.slice(-lines).map((kept) => kept.line(recordOf(kept)));
    },
  };
}

function keptOf(record: RequestRecord, line: Line): Kept {
  const kept = {
    ...record,
    queueMs: Number.NaN,
    connectMs: Number.NaN,
    responseMs: Number.NaN,
    peerPort: Number.NaN,
    line,
    upstream: undefined,
    result: "ok",
    tries: undefined,
  } satisfies Kept;
  keep(kept, record, line);
  return kept;
}

function keep(place: Kept, record: RequestRecord, line: Line): void {
  const { tries } = record;
  place.line = line;
  place.status = record.status;
  place.flag = record.flag;
  place.state = record.state;
  place.origin = record.origin;
  place.at = record.at;
  place.listener = record.listener;
  place.route = record.route;
  place.pool = record.pool;
  place.upstream = tries[0]?.upstream;
  place.result = tries[0]?.result ?? "ok";
  place.tries = tries.length > 1 ? tries : undefined;
  place.method = record.method;
  place.target = record.target;
  place.host = record.host;
  place.peer = record.peer;
  place.peerPort = record.peerPort ?? Number.NaN;
  place.queueMs = record.queueMs ?? Number.NaN;
  place.connectMs = record.connectMs ?? Number.NaN;
  place.responseMs = record.responseMs ?? Number.NaN;
  place.totalMs = record.totalMs;
  place.bytesOut = record.bytesOut;
  place.requestId = record.requestId;
}

function recordOf({ upstream, result, tries, line: _line, ...kept }: Kept): RequestRecord {
  return {
    ...kept,
    tries: tries ?? (upstream === undefined ? [] : [{ upstream, result }]),
    peerPort: defined(kept.peerPort),
    queueMs: defined(kept.queueMs),
    connectMs: defined(kept.connectMs),
    responseMs: defined(kept.responseMs),
  };
}

const defined = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
