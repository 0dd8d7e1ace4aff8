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
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text.replaceAll("_", "").trim()) ?? [];
  const value = unsigned(rest.trim());
  return value === undefined ? undefined : sign === "-" ? -value : value;
}

function unsigned(text: string): number | undefined {
  if (/^inf(inity)?$/i.test(text)) return Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
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
  "'": "'",
  '"': '"',
};

/** What stands between quotes, Go's escapes resolved; between backticks everything stands for itself. */
export function parseString(text: string): string | undefined {
  const quote = text[0];
  if (text.length < 2 || text.at(-1) !== quote) return undefined;
  const inner = text.slice(1, -1);
  if (quote === "`") return inner;
  let faulty = false;
  const value = inner.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.)|$)/gs,
    (_all, hex?: string, short?: string, long?: string, octal?: string, letter?: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const known = letter === undefined ? undefined : ESCAPES[letter];
      if (known === undefined) faulty = true;
      return known ?? "";
    },
  );
  return faulty ? undefined : value;
}
