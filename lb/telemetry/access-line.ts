import type { AttemptRecord, RequestRecord } from "../balancer.ts";

/** A moment as ISO 8601 in UTC, for many that lie close together: what they share is worked out once a second. */
export function createIsoTime(): (at: number) => string {
  let second = Number.NaN;
  let upToPoint = "";
  return (at) => {
    const now = Math.floor(at / 1000);
    if (now !== second) {
      second = now;
      upToPoint = new Date(now * 1000).toISOString().slice(0, -4);
    }
    return `${upToPoint}${String(Math.floor(at - now * 1000)).padStart(3, "0")}Z`;
  };
}

const isoTime = (at: number): string => new Date(at).toISOString();

/**
 * One request as one line of JSON, in ASCII. Times are in milliseconds, null for stages that it never came to. Put together by
 * hand: JSON.stringify takes three times as long, with each request.
 */
export function jsonLine(record: RequestRecord, timeOf = isoTime): string {
  const { attempts } = record;
  const last = attempts.at(-1)?.upstream;
  return (
    `{"time":"${timeOf(record.at)}","requestId":${text(record.requestId)},"listener":${text(record.listener)}` +
    `,"route":${text(record.route)},"pool":${text(record.pool)}` +
    `,"upstream":${last === undefined ? "null" : text(last)},"method":${text(record.method)}` +
    `,"target":${text(record.target)},"host":${text(record.host)},"peer":${text(record.peer)}` +
    `,"protocol":${protocolOf(record)},"status":${record.status},"flag":"${record.flag}"` +
    `,"state":"${record.state}","reason":${record.reason === undefined ? "null" : `"${record.reason}"`},"origin":"${record.origin}"` +
    `,"retries":${retriesOf(record)},"tries":[${attempts.map(attemptOf).join()}]` +
    `,"queueMs":${millis(record.queueMs)},"connectMs":${millis(record.connectMs)}` +
    `,"responseMs":${millis(record.responseMs)},"totalMs":${millis(record.totalMs)},"bytesOut":${record.bytesOut}${armOf(record)}}`
  );
}

/** While a canary runs: which version it met, and in which arm. */
const armOf = ({ configVersion, arm }: RequestRecord): string =>
  arm === undefined ? "" : `,"configVersion":${configVersion},"arm":"${arm}"`;

/** Null for what could not be read. */
const protocolOf = ({ method, protocol = HTTP }: RequestRecord): string =>
  method === UNREAD ? "null" : `"${protocol}"`;

const HTTP = "HTTP/1.1";
const UNREAD = "-";

const attemptOf = ({ upstream, result, pickedBecause }: AttemptRecord): string =>
  `{"upstream":${text(upstream)},"result":"${result}"${pickedBecause === undefined ? "" : `,"pickedBecause":"${pickedBecause}"`}}`;

/** Printable ASCII without the quote and the backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  // JSON leaves these as they are; a terminal obeys some of them, and ASCII is written fastest.
  return JSON.stringify(value).replaceAll(/[\u007f-\uffff]/g, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

/** To a microsecond. Whole numbers are written much faster than fractions, which these are put together from. */
function millis(ms: number | undefined): string {
  if (ms === undefined) return "null";
  const micros = Math.round(ms * 1000);
  const whole = Math.trunc(micros / 1000);
  return `${whole}${FRACTIONS[micros - whole * 1000] ?? ""}`;
}

/** `.001` to `.999`, without zeros at their end. */
const FRACTIONS = Array.from({ length: 1000 }, (_, i) =>
  i === 0 ? "" : `.${String(i).padStart(3, "0").replace(/0+$/, "")}`,
);

/**
 * One request as HAProxy's HTTP log line, in ASCII. What this balancer does not count (connections, places in the queue)
 * is 0, a stage that was never reached is -1, and times are in UTC. Bytes are those of the body, where HAProxy counts the
 * head, too; and the state has no part for cookies.
 */
export function haproxyLine(record: RequestRecord): string {
  const { attempts, pool, listener, status, bytesOut, state } = record;
  const server = attempts.at(-1)?.upstream ?? "<NOSRV>";
  const moved = attempts.length > 1 && attempts[0]?.upstream !== server ? "+" : "";
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
    `"${requestLineOf(record)}"`,
  ].join(" ");
}

const requestLineOf = ({ method, target, protocol = HTTP }: RequestRecord): string =>
  method === UNREAD ? "<BADREQ>" : `${escaped(method)} ${escaped(target)} ${protocol}`;

const retriesOf = ({ attempts }: RequestRecord): number => Math.max(0, attempts.length - 1);

/** `06/Feb/2026:12:14:14.655` */
function haproxyTime(at: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(at).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time}.${String(Math.floor(at % 1000)).padStart(3, "0")}`;
}

/** HAProxy's way: `#` and two hexadecimal digits for what would break the line or its quotes. */
function escaped(text: string): string {
  return text.replaceAll(/[^!$-~]/gu, (char) =>
    Array.from(
      char <= "\u00ff" ? [char.charCodeAt(0)] : new TextEncoder().encode(char),
      (byte) => `#${hex(byte, 2)}`,
    ).join(""),
  );
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, "0");
