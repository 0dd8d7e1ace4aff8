import { crossCheck } from "./cross-checks.ts";
import { readDocument } from "../../runtime/yaml/document.ts";
import { explain } from "./explain.ts";
import { formatPath, type Fault, type Path } from "../../runtime/yaml/fault.ts";
import { balancerConfig, type BalancerConfig } from "./schema.ts";
import { decodeSource } from "./source.ts";

export { formatFault, type Fault } from "../../runtime/yaml/fault.ts";

export type ParsedConfig =
  | {
      readonly ok: true;
      readonly config: BalancerConfig;
      /** A fault that only the outside world can show, of the value at `path`. */
      readonly faultAt: (path: Path, message: string) => Fault;
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** More would help nobody, and a hostile file could have millions. */
const MAX_FAULTS = 1000;

/**
 * A configuration out of its YAML text, or everything that is wrong with it in the order of the text. A wrong value is
 * never replaced by a default. `file` only names the text in the faults.
 */
export function parseBalancerConfig(raw: string | Uint8Array, file: string): ParsedConfig {
  const source = decodeSource(raw);
  if (!source.ok) {
    const { line, column, message } = source;
    return { ok: false, faults: [{ file, line, column, path: "", message }] };
  }
  const document = readDocument(source.text);
  const faults: Fault[] = document.faults.map((fault) => ({ ...fault, file, path: formatPath(fault.path) }));
  if (document.readable) {
    const { value, positions } = document;
    if (value === null) return { ok: false, faults: [emptyFile(file)] };
    const checked = balancerConfig.safeParse(value);
    const complaints = [
      ...(checked.error?.issues.slice(0, MAX_FAULTS).flatMap((issue) => explain(issue, value)) ?? []),
      ...crossCheck(value),
    ];
    if (checked.success && complaints.length === 0 && faults.length === 0)
      return {
        ok: true,
        config: checked.data,
        faultAt: (path, message) => ({ file, ...positions.ofValue(path), path: formatPath(path), message }),
      };
    // What reading has refused is absent from the values, and would be told a second time as missing.
    const told = new Set(faults.map((fault) => fault.path));
    for (const { path, about, message } of complaints.slice(0, MAX_FAULTS)) {
      const shown = formatPath(path);
      if (told.has(shown)) continue;
      const position = about === "key" ? positions.ofKey(path) : positions.ofValue(path);
      faults.push({ file, ...position, path: shown, message });
    }
  }
  return { ok: false, faults: inTextOrder(faults) };
}

function inTextOrder(faults: readonly Fault[]): Fault[] {
  const sorted = [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
  const last = sorted[MAX_FAULTS - 1];
  if (sorted.length <= MAX_FAULTS || last === undefined) return sorted;
  const message = `and ${sorted.length - MAX_FAULTS} more faults after this one`;
  return [...sorted.slice(0, MAX_FAULTS), { ...last, path: "", message }];
}

const emptyFile = (file: string): Fault => ({
  file,
  line: 1,
  column: 1,
  path: "",
  message: "the file is empty, listeners and pools are needed",
});
