/** Marks a part of the text: bad is what failed, dim stands aside. */
export type MarkText = (how: "red" | "yellow" | "dim", text: string) => string;

const plain: MarkText = (_how, text) => text;

/** A line of a log as a person reads it; what is no JSON object of this lab's stays as it is. */
export function logLineText(line: string, paint: MarkText = plain): string {
  const entry = parsed(line);
  if (entry === undefined) return line;
  return "requestId" in entry && "target" in entry ? accessText(entry, paint) : unitText(entry, paint);
}

type Entry = Readonly<Record<string, unknown>>;

function parsed(line: string): Entry | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

/** Fields that have a place of their own in the text. */
const OWN_PLACE = new Set(["level", "time", "unit", "msg"]);
const COLOURS = { warn: "yellow", error: "red", fatal: "red" } as const;

/** `15:04:05.123 info   web-1 4.2.0 listens on ... role=web slots=4` */
function unitText(entry: Entry, paint: MarkText): string {
  const level = word(entry["level"]);
  const colour = COLOURS[level as keyof typeof COLOURS];
  const more = Object.entries(entry)
    .filter(([name]) => !OWN_PLACE.has(name))
    .map(([name, value]) => `${name}=${fieldText(value)}`);
  const start = `${timeText(entry["time"])} ${level.padEnd(5)}`;
  return [
    colour === undefined ? start : paint(colour, start),
    word(entry["msg"]),
    paint("dim", more.join(" ")),
  ]
    .filter((part) => part !== "")
    .join("  ");
}

/** `15:04:05.123 GET /account -> 503 UO  auth/auth-1 (retry-other)  12 ms  after 2 attempts (auth-2 refused, auth-1 5xx)` */
function accessText(entry: Entry, paint: MarkText): string {
  const { method, target, status, flag, pool, upstream, totalMs } = entry;
  const attempts = Array.isArray(entry["tries"])
    ? (entry["tries"] as { upstream?: unknown; result?: unknown; pickedBecause?: unknown }[])
    : [];
  const because = attempts.at(-1)?.pickedBecause;
  const failed = Number(status) >= 500 || (flag !== "-" && flag !== undefined);
  const outcome = `${word(status)}${flag === "-" || flag === undefined ? "" : ` ${word(flag)}`}`;
  const parts = [
    `${timeText(entry["time"])} ${word(method)} ${word(target)} -> ${failed ? paint("red", outcome) : outcome}`,
    upstream === null || upstream === undefined
      ? `${word(pool)}: no upstream`
      : `${word(pool)}/${word(upstream)}${because === undefined ? "" : paint("dim", ` (${word(because)})`)}`,
    `${Math.round(Number(totalMs))} ms`,
    typeof entry["reason"] === "string" && entry["reason"] !== "-" ? entry["reason"] : "",
    attempts.length > 1
      ? `after ${attempts.length} attempts (${attempts.map((one) => `${word(one.upstream)} ${word(one.result)}`).join(", ")})`
      : "",
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** The time of day of an ISO 8601 time in UTC. */
const timeText = (time: unknown): string =>
  typeof time === "string" ? time.slice(time.indexOf("T") + 1).replace(/Z$/, "") : "-";

/** A value in a sentence; what is missing is nothing. */
const word = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);

function fieldText(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}
