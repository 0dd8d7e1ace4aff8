import { goQuote } from "../../pager/go-quote.ts";
import { isList, Mapping, textOf, typeOf, type Cell } from "./cell.ts";
import { fixed, plainNumber, scientific, significant } from "./go-format.ts";

/** One verb of a format: `%-8.2f`. */
interface Verb {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
}

const VERB = /%([+\-# 0]*)(\*|\d+)?(?:\.(\*|\d*))?([\s\S]?)/gu;

/** A text by Go's fmt.Sprintf. Throws where Go's output is specific to Go, as for addresses. */
export function sprintf(format: string, cells: readonly Cell[]): string {
  let next = 0;
  const number = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    if (text !== "*") return Number(text);
    const cell = cells[next++];
    if (typeof cell !== "bigint") throw new Error("a width or a precision needs an int");
    return Number(cell);
  };
  const text = format.replaceAll(
    VERB,
    (_all, flags: string, width: string | undefined, precision: string | undefined, letter: string) => {
      const verb = { flags, width: number(width), precision: number(precision), letter };
      if (letter === "%") return "%";
      if (letter === "") return "%!(NOVERB)";
      if (letter === "[") throw new Error("a format cannot name its values by their number here");
      if (next >= cells.length) return `%!${letter}(MISSING)`;
      return formatted(verb, cells[next++]);
    },
  );
  if (next >= cells.length) return text;
  const extra = cells
    .slice(next)
    .map((cell) => (cell === undefined ? "<nil>" : `${typeOf(cell)}=${shown(cell)}`));
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

function shown(cell: Cell): string {
  const text = textOf(cell);
  if (text === undefined) throw new Error(`a ${typeOf(cell)} cannot be printed`);
  return text;
}

function formatted(verb: Verb, cell: Cell): string {
  const { letter } = verb;
  if (letter === "T") return padded(verb, typeOf(cell));
  if (letter === "v" && verb.flags.includes("#")) throw new Error("%#v is not supported");
  const text = writeAs(verb, cell);
  if (text !== undefined) return text;
  return cell === undefined ? `%!${letter}(<nil>)` : `%!${letter}(${typeOf(cell)}=${shown(cell)})`;
}

/** Undefined where the verb does not fit the value. */
function writeAs(verb: Verb, cell: Cell): string | undefined {
  switch (typeof cell) {
    case "string":
      return textAs(verb, cell);
    case "number":
      return floatAs(verb, cell);
    case "bigint":
      return integerAs(verb, cell);
    case "boolean":
      return "tv".includes(verb.letter) ? padded(verb, String(cell)) : undefined;
    default:
      return othersAs(verb, cell);
  }
}

function othersAs(verb: Verb, cell: Cell): string | undefined {
  const { letter } = verb;
  if (cell === undefined) return letter === "v" ? padded(verb, "<nil>") : undefined;
  if (
    letter === "v" ||
    (letter === "s" && !isList(cell) && !(cell instanceof Mapping && cell.missing !== ""))
  )
    return padded(verb, shown(cell));
  throw new Error(`%${letter} of a ${typeOf(cell)} is not supported`);
}

function textAs(verb: Verb, text: string): string | undefined {
  const { letter, precision } = verb;
  const cut = precision === undefined ? text : Array.from(text).slice(0, precision).join("");
  switch (letter) {
    case "s":
    case "v":
      return padded(verb, cut);
    case "q":
      return padded(verb, goQuote(cut));
    case "x":
    case "X": {
      const hex = Array.from(new TextEncoder().encode(text), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join("");
      return padded(verb, letter === "X" ? hex.toUpperCase() : hex);
    }
    default:
      return undefined;
  }
}

function floatAs(verb: Verb, value: number): string | undefined {
  const { precision, letter } = verb;
  const write = (): string | undefined => {
    switch (letter) {
      case "v":
      case "g":
      case "G":
        return precision === undefined ? plainNumber(value) : significant(value, Math.max(1, precision));
      case "f":
      case "F":
        return fixed(value, precision ?? 6);
      case "e":
      case "E":
        return scientific(value, precision ?? 6);
      default:
        return undefined;
    }
  };
  const text = write();
  if (text === undefined) return undefined;
  return signed(
    verb,
    letter === "E" || letter === "G" ? text.replace("e", "E") : text,
    Number.isFinite(value),
  );
}

const RADIX: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, x: 16, X: 16 };

function integerAs(verb: Verb, value: bigint): string | undefined {
  const { letter, precision } = verb;
  if (letter === "c" || letter === "q" || letter === "U") {
    const char = value >= 0n && value <= 0x10_ffffn ? String.fromCodePoint(Number(value)) : "\uFFFD";
    if (letter === "c") return padded(verb, char);
    if (letter === "U") return padded(verb, `U+${value.toString(16).toUpperCase().padStart(4, "0")}`);
    throw new Error("%q of an int is not supported");
  }
  const radix = RADIX[letter];
  if (radix === undefined) return undefined;
  const size = value < 0n ? -value : value;
  const digits = size.toString(radix).padStart(precision ?? 0, "0");
  const sign = value < 0n ? "-" : "";
  return signed(verb, sign + (letter === "X" ? digits.toUpperCase() : digits), precision === undefined);
}

/** Adds the sign, and zeros after it where the flag is set. */
function signed(verb: Verb, text: string, zeros: boolean): string {
  const { flags, width = 0 } = verb;
  const [, sign = "", rest = ""] = /^([+-]?)([\s\S]*)$/.exec(text) ?? [];
  const wanted = sign === "-" ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const kept = text === "+Inf" && wanted === "" ? "+" : wanted;
  if (flags.includes("0") && !flags.includes("-") && zeros)
    return kept + rest.padStart(width - kept.length, "0");
  return padded({ ...verb, flags: flags.replaceAll("0", "") }, kept + rest);
}

function padded({ flags, width = 0 }: Verb, text: string): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  return (flags.includes("0") ? "0" : " ").repeat(missing) + text;
}
