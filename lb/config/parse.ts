import type { z } from "zod";
import { crossCheck } from "./cross-checks.ts";
import { readDocument } from "../../runtime/yaml/document.ts";
import { createPositions, type Positions } from "../../runtime/yaml/positions.ts";
import { explain, type Complaint } from "./explain.ts";
import { formatPath, type Fault, type Path } from "../../runtime/yaml/fault.ts";
import { balancerConfig, type BalancerConfig } from "./schema.ts";
import { decodeSource } from "./source.ts";

export type ParsedConfig =
  | {
      readonly ok: true;
      readonly config: BalancerConfig;
      /** Makes a fault of the value at `path` that only the outside world can reveal, such as an address in use. */
      readonly faultAt: (path: Path, message: string) => Fault;
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** More would be no help, and a hostile file could have millions. */
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
    const { complaints, more } = complaintsOf(checked.error?.issues ?? [], value);
    if (checked.success && complaints.length === 0 && faults.length === 0)
      return {
        ok: true,
        config: checked.data,
        faultAt: faultsIn(file, positions),
      };
    // What reading has refused is absent from the values, and would be reported a second time as missing.
    const reported = new Set(faults.map((fault) => fault.path));
    for (const { path, about, message } of complaints) {
      const shown = formatPath(path);
      if (reported.has(shown)) continue;
      const position = about === "key" ? positions.ofKey(path) : positions.ofValue(path);
      faults.push({ file, ...position, path: shown, message });
    }
    return { ok: false, faults: inTextOrder(faults, document.moreFaults + more) };
  }
  return { ok: false, faults: inTextOrder(faults, document.moreFaults) };
}

/** Faults of the values of a configuration that was read elsewhere. Its text is looked through at the first question. */
export function faultsOfText(text: string, file: string): (path: Path, message: string) => Fault {
  return faultsIn(file, createPositions(text));
}

function faultsIn(file: string, positions: Positions): (path: Path, message: string) => Fault {
  return (path, message) => ({ file, ...positions.ofValue(path), path: formatPath(path), message });
}

/** The first complaints, and how many there are beside them: each costs, and a hostile file could have millions. */
function complaintsOf(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
): { readonly complaints: readonly Complaint[]; readonly more: number } {
  const complaints: Complaint[] = [];
  let all = 0;
  for (const issue of issues) {
    all += issue.code === "unrecognized_keys" ? issue.keys.length : 1;
    if (complaints.length < MAX_FAULTS)
      complaints.push(...explain(issue, value, MAX_FAULTS - complaints.length));
  }
  const crossed = crossCheck(value);
  complaints.push(...crossed.slice(0, MAX_FAULTS - complaints.length));
  return { complaints, more: all + crossed.length - complaints.length };
}

function inTextOrder(faults: readonly Fault[], more: number): Fault[] {
  const sorted = [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
  const shown = sorted.slice(0, MAX_FAULTS);
  const rest = sorted.length - shown.length + more;
  const last = shown.at(-1);
  if (rest === 0 || last === undefined) return shown;
  return [...shown, { ...last, path: "", message: `and ${rest} more fault${rest === 1 ? "" : "s"}` }];
}

const emptyFile = (file: string): Fault => ({
  file,
  line: 1,
  column: 1,
  path: "",
  message: "the file is empty, listeners and pools are needed",
});
