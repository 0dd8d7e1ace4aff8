import { isAlias, isMap, isScalar, isSeq, type Alias, type LineCounter, type Node } from "yaml";
import type { Path } from "./fault.ts";

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where fields of a configuration stand in its text. */
export interface Positions {
  /** Of the value at `path`, or of the nearest thing around it that exists. */
  ofValue(path: Path): Position;
  /** Of the name of the field at `path`, or of the nearest thing around it that exists. */
  ofKey(path: Path): Position;
}

export function createPositions(
  root: Node | null,
  lines: LineCounter,
  targets: ReadonlyMap<Alias, Node>,
): Positions {
  /** Offsets of the key and of the value at `path`, and whether all of the path exists. */
  function walk(path: Path): { key: number; value: number } {
    let node: unknown = root;
    let key = offsetOf(root);
    let value = key;
    for (const step of path) {
      if (isAlias(node)) node = targets.get(node);
      const entry = child(node, step);
      if (entry === undefined) break;
      value = offsetOf(entry.value) ?? offsetOf(entry.key) ?? value;
      key = offsetOf(entry.key) ?? value;
      node = entry.value;
    }
    return { key: key ?? 0, value: value ?? 0 };
  }
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return { ofValue: (path) => at(walk(path).value), ofKey: (path) => at(walk(path).key) };
}

function child(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isMap(node)) return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === step);
  if (isSeq(node) && typeof step === "number" && step < node.items.length)
    return { key: undefined, value: node.items[step] };
  return undefined;
}

export function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
}
