import type { z } from "zod";
import { readDocument, type ReadOptions } from "./document.ts";
import { formatPath, type Fault, type Path } from "./fault.ts";
import type { Position } from "./positions.ts";

export type ReadAs<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** A fault of the value at `path`, for checks beyond the schema. */
      readonly faultAt: (path: Path, message: string) => Fault;
      /** Position of the value at `path`. */
      readonly positionOf: (path: Path) => Position;
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Parses a YAML text by a schema, or returns all its faults, in the order of the text. */
export function readYamlAs<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  options?: ReadOptions,
): ReadAs<T> {
  const { value, readable, positions, faults: unread } = readDocument(text, options);
  const faults: Fault[] = unread.map((fault) => ({ ...fault, file, path: formatPath(fault.path) }));
  const faultAt = (path: Path, message: string): Fault => ({
    file,
    ...positions.ofValue(path),
    path: formatPath(path),
    message,
  });
  if (readable) {
    const checked = schema.safeParse(value);
    if (checked.success && faults.length === 0)
      return { ok: true, value: checked.data, faultAt, positionOf: (path) => positions.ofValue(path) };
    for (const issue of checked.error?.issues ?? []) {
      const path = issue.path as Path;
      if (issue.code === "unrecognized_keys")
        for (const key of issue.keys)
          faults.push({
            file,
            ...positions.ofKey([...path, key]),
            path: formatPath([...path, key]),
            message: "is no field that is known here",
          });
      else faults.push(faultAt(path, issue.message));
    }
  }
  return {
    ok: false,
    faults: faults.sort((a, b) => a.line - b.line || a.column - b.column),
  };
}
