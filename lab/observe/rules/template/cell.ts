import { plainNumber } from "./go-format.ts";

/** A value in a template: Go's int is a bigint here, its float64 a number. */
export type Cell = string | number | bigint | boolean | undefined | Mapping | CellList | Struct;

export type CellList = readonly Cell[];

/** Go's map with text for keys. */
export class Mapping {
  readonly entries: ReadonlyMap<string, Cell>;
  /** The value of an absent key: an empty text where all values are texts. */
  readonly missing: Cell;

  constructor(entries: Iterable<readonly [string, Cell]>, missing: Cell = "") {
    this.entries = new Map(entries);
    this.missing = missing;
  }

  get sorted(): readonly (readonly [string, Cell])[] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** A value with fields, which can be read; it cannot be printed unless it has a text. */
export class Struct {
  /** Its name in error messages. */
  readonly type: string;
  readonly fields: ReadonlyMap<string, Cell>;
  readonly text: string | undefined;

  constructor(type: string, fields: Iterable<readonly [string, Cell]>, text?: string) {
    this.type = type;
    this.fields = new Map(fields);
    this.text = text;
  }
}

export const isList = (cell: Cell): cell is CellList => Array.isArray(cell);

/** A cell that is known to be a text; an empty one for anything else. */
export const asText = (cell: Cell): string => (typeof cell === "string" ? cell : "");

/** The type as Go calls it. */
export function typeOf(cell: Cell): string {
  switch (typeof cell) {
    case "string":
      return "string";
    case "number":
      return "float64";
    case "bigint":
      return "int";
    case "boolean":
      return "bool";
    default:
      if (cell === undefined) return "<nil>";
      if (cell instanceof Mapping)
        return cell.missing === "" ? "map[string]string" : "map[string]interface {}";
      return cell instanceof Struct ? cell.type : "template.queryResult";
  }
}

/** Go's truth: anything but false, zero, nil, and what is empty. */
export function isTrue(cell: Cell): boolean {
  if (typeof cell === "number") return cell !== 0;
  if (cell instanceof Mapping) return cell.entries.size > 0;
  if (isList(cell)) return cell.length > 0;
  return Boolean(cell);
}

/** As Go's fmt prints it with `%v`; undefined where it cannot be printed. */
export function textOf(cell: Cell): string | undefined {
  if (cell === undefined) return "<nil>";
  if (typeof cell === "number") return plainNumber(cell);
  if (cell instanceof Struct) return cell.text;
  if (cell instanceof Mapping) {
    const texts = cell.sorted.map(([name, value]) => [name, textOf(value)] as const);
    if (texts.some(([, text]) => text === undefined)) return undefined;
    return `map[${texts.map(([name, text]) => `${name}:${text}`).join(" ")}]`;
  }
  if (!isList(cell)) return `${cell}`;
  const texts = cell.map(textOf);
  return texts.includes(undefined) ? undefined : `[${texts.join(" ")}]`;
}
