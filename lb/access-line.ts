import type { RequestRecord } from "./balancer.ts";

/** One request as one line of JSON. Times are in milliseconds, null for stages that it never came to. */
export function jsonLine(record: RequestRecord): string {
  const { tries, method, target, host, peer, status, flag, state, origin } = record;
  const line = JSON.stringify({
    time: new Date(record.at).toISOString(),
    requestId: record.requestId,
    listener: record.listener,
    route: record.route,
    pool: record.pool,
    upstream: tries.at(-1)?.upstream ?? null,
    method,
    target,
    host,
    peer,
    status,
    flag,
    state,
    origin,
    retries: retriesOf(record),
    tries,
    queueMs: rounded(record.queueMs),
    connectMs: rounded(record.connectMs),
    responseMs: rounded(record.responseMs),
    totalMs: rounded(record.totalMs),
    bytesOut: record.bytesOut,
  });
  // JSON leaves these as they are; a terminal obeys some of them.
  return line.replaceAll(/[\u007f-\u009f\u2028\u2029]/g, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

/**
 * One request as HAProxy's HTTP log line. What this balancer does not count (connections) is 0,
 * a stage that was never reached is -1, and times are in UTC.
 */
export function haproxyLine(record: RequestRecord): string {
  const { tries, pool, listener, status, bytesOut, state } = record;
  const server = tries.at(-1)?.upstream ?? "<NOSRV>";
  const moved = tries.length > 1 && tries[0]?.upstream !== server ? "+" : "";
  const timers = [0, record.queueMs, record.connectMs, record.responseMs, record.totalMs]
    .map((ms) => (ms === undefined ? -1 : Math.round(ms)))
    .join("/");
  return [
    `${record.peer}:${record.peerPort ?? 0}`,
    `[${haproxyTime(record.at)}]`,
    listener,
    `${pool === "-" ? listener : pool}/${server}`,
    timers,
    status,
    bytesOut,
    "- -",
    state.padEnd(4, "-"),
    `0/0/0/0/${moved}${retriesOf(record)}`,
    "0/0",
    `"${escaped(record.method)} ${escaped(record.target)} HTTP/1.1"`,
  ].join(" ");
}

const retriesOf = ({ tries }: RequestRecord): number => Math.max(0, tries.length - 1);

const rounded = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms * 1000) / 1000;

/** `06/Feb/2026:12:14:14.655` */
function haproxyTime(at: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(at).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time}.${String(Math.floor(at % 1000)).padStart(3, "0")}`;
}

/** HAProxy's way: `#` and two hexadecimal digits for what would break the line or its quotes. */
function escaped(text: string): string {
  return text.replaceAll(/[^!$-~]/gu, (char) =>
    Array.from(Buffer.from(char, char <= "\u00ff" ? "latin1" : "utf8"), (byte) => `#${hex(byte, 2)}`).join(
      "",
    ),
  );
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, "0");
