import { parseString } from "../../promql/literals.ts";
import type { Cell } from "./cell.ts";
import type { Token } from "./tokens.ts";

const UNDERSCORES = /(?<=[\da-fA-FxXoObB])_(?=[\da-fA-F])/g;
const RADIX: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 };
/** The range of an int: 64 bits with a sign. */
const [LEAST, MOST] = [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn];

/** A constant of a template: a text, a float64, or an int; undefined when it cannot be read. */
export function parseConstant({ kind, text }: Pick<Token, "kind" | "text">): Cell {
  if (kind === "string") return parseString(text);
  if (kind === "character") return characterOf(text);
  const plain = text.replaceAll(UNDERSCORES, "");
  if (plain.includes("_")) return undefined;
  const [, sign = "", prefix = "", digits = ""] = /^([+-]?)0([xXoObB])?([\da-fA-F]+)$/.exec(plain) ?? [];
  const isHex = prefix.toLowerCase() === "x";
  if (!isHex && /[.eE]/.test(plain)) return Number.isFinite(Number(plain)) ? Number(plain) : undefined;
  const value =
    digits === "" ? BigInt(plain.replace(/^\+/, "")) : radixInteger(digits, RADIX[prefix.toLowerCase()] ?? 8);
  if (value === undefined) return undefined;
  const signed = sign === "-" ? -value : value;
  return signed >= LEAST && signed <= MOST ? signed : undefined;
}

function radixInteger(digits: string, radix: number): bigint | undefined {
  let value = 0n;
  for (const digit of digits) {
    const one = Number.parseInt(digit, 16);
    if (one >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(one);
  }
  return value;
}

/** `'a'` is an int. */
function characterOf(text: string): bigint | undefined {
  const inner = text.slice(1, -1);
  const value = parseString(`"${inner === "\\'" ? "'" : inner === '"' ? '\\"' : inner}"`);
  const [only, another] = value === undefined ? [] : Array.from(value);
  return only === undefined || another !== undefined ? undefined : BigInt(only.codePointAt(0) ?? 0);
}
