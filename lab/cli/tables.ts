import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

/** A column of a table. */
export interface Column {
  readonly head: string;
  /** Where the table is too wide, columns with a rank are left out, the highest rank first. Absent: it stays. */
  readonly dropRank?: number;
  /** What does not fit is wrapped at words. At most one column of a table should be long text. */
  readonly wrap?: true;
}

type Cell = string | number | undefined;

const GAP = 2;
/** A wrapped column narrower than this is hard to read: another column is left out first. */
const WRAP_AT_LEAST = 24;

/**
 * A plain table: two spaces between columns, no rules, readable in a log file too. `width` is that of the terminal in
 * characters: columns are left out and long ones wrapped so that no line is longer. Figures stand at the right.
 */
export function table(
  head: readonly (string | Column)[],
  rows: readonly (readonly Cell[])[],
  width = Infinity,
): string {
  const columns = head.map((one): Column => (typeof one === "string" ? { head: one } : one));
  const cells = rows.map((row) => columns.map((_, i) => textOf(row[i])));
  const widths = columns.map(({ head: title }, i) =>
    Math.max(...[title, ...cells.map((row) => row[i] ?? "")].map(widthOf)),
  );
  const kept = fitting(columns, widths, width);
  const taken = widthsWithin(
    kept.map((i) => ({ natural: widths[i] ?? 0, wrap: columns[i]?.wrap === true })),
    width,
  );
  const made = new Table({
    head: kept.map((i) => columns[i]?.head ?? ""),
    colWidths: taken,
    colAligns: kept.map((i) => (isFigures(cells.map((row) => row[i] ?? "")) ? "right" : "left")),
    wordWrap: true,
    wrapOnWordBoundary: true,
    chars: NO_RULES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  made.push(...cells.map((row) => kept.map((i) => row[i] ?? "")));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const RULES = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
  "left",
  "left-mid",
  "mid",
  "mid-mid",
  "right",
  "right-mid",
] as const;
const NO_RULES = { ...Object.fromEntries(RULES.map((name) => [name, ""])), middle: " ".repeat(GAP) };

const textOf = (cell: Cell): string => (cell === undefined ? "-" : String(cell));

/** Characters that a text takes on the screen; of several lines, the longest. */
const widthOf = (text: string): number =>
  Math.max(...text.split("\n").map((line) => stripVTControlCharacters(line).length));

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, one) => sum + one, 0) + GAP * Math.max(0, widths.length - 1);

/** Indices of the columns that are shown. */
function fitting(columns: readonly Column[], widths: readonly number[], width: number): readonly number[] {
  const least = (i: number): number =>
    columns[i]?.wrap === true ? Math.min(widths[i] ?? 0, WRAP_AT_LEAST) : (widths[i] ?? 0);
  let kept = columns.map((_, i) => i);
  const droppable = kept
    .filter((i) => columns[i]?.dropRank !== undefined)
    .sort((a, b) => (columns[b]?.dropRank ?? 0) - (columns[a]?.dropRank ?? 0));
  for (const next of droppable) {
    if (totalOf(kept.map(least)) <= width) break;
    kept = kept.filter((i) => i !== next);
  }
  return kept;
}

/** Natural widths, of which the wrapped columns are narrowed to fit, the widest first. */
function widthsWithin(
  columns: readonly { readonly natural: number; readonly wrap: boolean }[],
  width: number,
): number[] {
  const widths = columns.map(({ natural }) => natural);
  let over = totalOf(widths) - width;
  const wrapped = columns.flatMap(({ wrap }, i) => (wrap ? [i] : []));
  while (over > 0) {
    const widest = wrapped.reduce<number | undefined>(
      (best, i) => (best === undefined || (widths[i] ?? 0) > (widths[best] ?? 0) ? i : best),
      undefined,
    );
    if (widest === undefined || (widths[widest] ?? 0) <= 8) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

/** `12`, `3.5 %`, `120 ms`, `4/64`, and dashes among them. */
const isFigures = (cells: readonly string[]): boolean =>
  cells.some((cell) => /\d/.test(stripVTControlCharacters(cell))) &&
  cells.every((cell) => /^(?:-|[\d.,/]+(?: (?:%|ms|s|MB))?)$/.test(stripVTControlCharacters(cell)));

/** Milliseconds, rounded, with their unit. */
export const ms = (value: number | undefined): string =>
  value === undefined ? "-" : `${Math.round(value)} ms`;

/** Seconds as m:ss. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Epoch milliseconds as the time of day, UTC. */
export const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);
