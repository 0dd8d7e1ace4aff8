import type { AccessLog, AccessLogConfig } from "../../../lb/access-log.ts";
import { haproxyLine, jsonLine } from "../../../lb/access-line.ts";
import type { RequestRecord } from "../../../lb/balancer.ts";
import type { TryResult } from "../../../lb/outcome.ts";

/** The balancer's access log in memory: the last requests, made into lines only when somebody reads them. */
export interface AccessLines {
  open(config: AccessLogConfig): AccessLog;
  /** Oldest first. */
  tail(lines: number): readonly string[];
}

const KEPT = 1000;

type Line = (record: RequestRecord) => string;

/** `onRecord` is told each record, too. */
export function createAccessLines(onRecord?: (record: RequestRecord) => void): AccessLines {
  const ring = createRing();
  const lines: Line[] = [];
  let written = 0;
  return {
    open({ format }) {
      const line = format === "json" ? jsonLine : haproxyLine;
      return {
        write(record) {
          const place = written % KEPT;
          lines[place] = line;
          ring.put(place, record);
          written += 1;
          onRecord?.(record);
        },
        close: async () => {},
      };
    },
    tail(wanted) {
      const told: string[] = [];
      for (let i = Math.max(0, written - Math.min(wanted, KEPT)); i < written; i++)
        told.push(lines[i % KEPT]?.(ring.at(i % KEPT)) ?? "");
      return told;
    },
  };
}

interface Ring {
  put(place: number, record: RequestRecord): void;
  at(place: number): RequestRecord;
}

const NUMBERS = 8;

/**
 * Records by their parts, in one array for each: to keep a thousand objects for a while, and then others, is what a garbage
 * collector is worst at. Numbers that a record does not have are kept as NaN.
 */
function createRing(): Ring {
  const numbers = new Float64Array(KEPT * NUMBERS);
  const flags: RequestRecord["flag"][] = [];
  const states: RequestRecord["state"][] = [];
  const origins: RequestRecord["origin"][] = [];
  const listeners: string[] = [];
  const routes: string[] = [];
  const pools: string[] = [];
  const methods: string[] = [];
  const targets: string[] = [];
  const hosts: string[] = [];
  const peers: string[] = [];
  const ids: string[] = [];
  const upstreams: (string | undefined)[] = [];
  const results: TryResult[] = [];
  /** Only of requests that had more than one try: nearly all have one. */
  const tries: (RequestRecord["tries"] | undefined)[] = [];

  return {
    put(place, record) {
      const first = record.tries[0];
      const at = place * NUMBERS;
      numbers[at] = record.at;
      numbers[at + 1] = record.status;
      numbers[at + 2] = record.peerPort ?? Number.NaN;
      numbers[at + 3] = record.queueMs ?? Number.NaN;
      numbers[at + 4] = record.connectMs ?? Number.NaN;
      numbers[at + 5] = record.responseMs ?? Number.NaN;
      numbers[at + 6] = record.totalMs;
      numbers[at + 7] = record.bytesOut;
      flags[place] = record.flag;
      states[place] = record.state;
      origins[place] = record.origin;
      listeners[place] = record.listener;
      routes[place] = record.route;
      pools[place] = record.pool;
      methods[place] = record.method;
      targets[place] = record.target;
      hosts[place] = record.host;
      peers[place] = record.peer;
      ids[place] = record.requestId;
      upstreams[place] = first?.upstream;
      results[place] = first?.result ?? "ok";
      tries[place] = record.tries.length > 1 ? record.tries : undefined;
    },
    at(place) {
      const number = (index: number): number => numbers[place * NUMBERS + index] ?? Number.NaN;
      const numberIf = (index: number): number | undefined =>
        Number.isNaN(number(index)) ? undefined : number(index);
      const upstream = upstreams[place];
      const only = upstream === undefined ? [] : [{ upstream, result: results[place] ?? "ok" }];
      return {
        at: number(0),
        status: number(1),
        peerPort: numberIf(2),
        queueMs: numberIf(3),
        connectMs: numberIf(4),
        responseMs: numberIf(5),
        totalMs: number(6),
        bytesOut: number(7),
        flag: flags[place] ?? "-",
        state: states[place] ?? "--",
        origin: origins[place] ?? "balancer",
        listener: listeners[place] ?? "",
        route: routes[place] ?? "",
        pool: pools[place] ?? "",
        method: methods[place] ?? "",
        target: targets[place] ?? "",
        host: hosts[place] ?? "",
        peer: peers[place] ?? "",
        requestId: ids[place] ?? "",
        tries: tries[place] ?? only,
      };
    },
  };
}
