import { power } from "./sums.ts";

/** Numbers as Go's strconv reads them. Each returns undefined for what Go calls a syntax error. */

const DIGITS = String.raw`\d+(?:_\d+)*`;
const DECIMAL = new RegExp(`^(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`);
const HEX = String.raw`[\da-fA-F]+(?:_[\da-fA-F]+)*`;
const HEXADECIMAL = new RegExp(`^0[xX]_?(${HEX})?(?:\\.(${HEX})?)?[pP]([+-]?${DIGITS})$`);

/** As ParseFloat, which reads a bucket's bound `le`. Unlike in PromQL, `010` is ten and `0x10` is invalid. */
export function parseGoFloat(text: string): number | undefined {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (/^nan$/i.test(rest)) return sign === "" ? Number.NaN : undefined;
  const value = unsignedFloat(rest);
  return value === undefined ? undefined : sign === "-" ? -value : value;
}

function unsignedFloat(text: string): number | undefined {
  if (/^inf(?:inity)?$/i.test(text)) return Infinity;
  // A number that is too large is a range error in Go, and no bound.
  if (DECIMAL.test(text)) return finite(Number(text.replaceAll("_", "")));
  const [whole, integer = "", fraction = "", exponent = "0"] =
    HEXADECIMAL.exec(text)?.map((part) => part?.replaceAll("_", "")) ?? [];
  if (whole === undefined || integer + fraction === "") return undefined;
  const mantissa = Array.from(integer + fraction).reduce(
    (sum, digit) => sum * 16 + Number.parseInt(digit, 16),
    0,
  );
  return finite(mantissa * power(2, Number(exponent) - 4 * fraction.length));
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** As ParseInt with the base of the prefix, else ParseFloat: so PromQL reads a number. `010` is eight. */
export function parseGoNumber(text: string): number | undefined {
  const plain = text.replaceAll("_", "");
  const misplaced = /_$|__|^_/.test(text);
  if (!misplaced && /^0[xX][\da-fA-F]+$/.test(plain)) return Number(plain);
  if (!misplaced && /^0[0-7]+$/.test(plain)) return Number.parseInt(plain, 8);
  return parseGoFloat(text);
}
