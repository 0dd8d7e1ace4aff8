import { parseGoNumber } from "./go-numbers.ts";

/** Numbers, durations and strings as PromQL writes them. Each returns undefined for what it cannot read. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const ORDER = ["y", "w", "d", "h", "m", "s", "ms"];

/** `1h30m`, in milliseconds. */
export function parseDuration(text: string): number | undefined {
  const found = DURATION.exec(text);
  if (!found || text === "") return undefined;
  return ORDER.reduce((sum, unit, i) => sum + Number(found[i + 1] ?? 0) * (UNIT_MS[unit] ?? 0), 0);
}

/** `1.5e3`, `0x1F`, `+Inf`, `NaN`, or a duration in seconds. */
export function parseNumber(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text.trim()) ?? [];
  const value = unsigned(rest.trim());
  return value === undefined ? undefined : sign === "-" ? -value : value;
}

function unsigned(text: string): number | undefined {
  const number = parseGoNumber(text);
  if (number !== undefined) return number;
  const ms = parseDuration(text);
  return ms === undefined ? undefined : ms / 1000;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.)|$)/gs;

/**
 * The text of a quoted string, with Go's escapes resolved; between backticks there are no escapes. Bytes (`\xc3\xa4`,
 * `\303\244`) are decoded together as UTF-8; invalid UTF-8 is not read.
 */
export function parseString(text: string): string | undefined {
  const quote = text[0];
  if (quote === undefined || text.length < 2 || text.at(-1) !== quote) return undefined;
  const inner = text.slice(1, -1);
  if (quote === "`") return inner.includes("`") ? undefined : inner;
  const bytes: number[] = [];
  const add = (more: Bytes): void => {
    for (const byte of more) bytes.push(byte);
  };
  let done = 0;
  for (const found of inner.matchAll(ESCAPE)) {
    const made = escaped(found, quote);
    if (made === undefined) return undefined;
    add(utf8(inner.slice(done, found.index)));
    add(made);
    done = found.index + found[0].length;
  }
  if (done === 0) return inner;
  add(utf8(inner.slice(done)));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

type Bytes = ArrayLike<number> & Iterable<number>;

function escaped([, byte, short, long, octal, letter]: RegExpExecArray, quote: string): Bytes | undefined {
  if (byte !== undefined) return [Number.parseInt(byte, 16)];
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    return value > 255 ? undefined : [value];
  }
  const code = short ?? long;
  if (code !== undefined) {
    const point = Number.parseInt(code, 16);
    const isCharacter = point <= 0x10_ff_ff && !(point >= 0xd8_00 && point <= 0xdf_ff);
    return isCharacter ? utf8(String.fromCodePoint(point)) : undefined;
  }
  if (letter === quote) return utf8(letter);
  const known = letter === undefined ? undefined : ESCAPES[letter];
  return known === undefined ? undefined : utf8(known);
}
