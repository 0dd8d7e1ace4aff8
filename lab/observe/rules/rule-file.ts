import type { Fault } from "../../../runtime/yaml/fault.ts";
import type { QueryEngine } from "../promql/query.ts";
import { readRule, readRuleFile, type Reading } from "./read-rule.ts";
import type { Rule } from "./rule.ts";

export interface RuleGroup {
  readonly file: string;
  readonly name: string;
  /** Undefined: with every evaluation. */
  readonly intervalMs: number | undefined;
  /** Of each of its rules, as it is written. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

export type LoadedRules =
  | { readonly ok: true; readonly groups: readonly RuleGroup[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** The rules of a file in Prometheus' own format, or all faults in it, each with its place. */
export function loadRules(text: string, file: string, engine: QueryEngine): LoadedRules {
  const read = readRuleFile(text, file);
  if (!read.ok) return read;
  const faults: Fault[] = [];
  const reading: Reading = { read, file, lines: text.split("\n"), engine, faults };
  const seen = new Set<string>();
  const groups = read.value.map((group, g): RuleGroup => {
    const { name, interval, limit, rules } = group;
    if (seen.has(name)) faults.push(read.faultAt(["groups", g, "name"], `there are two groups "${name}"`));
    seen.add(name);
    return {
      file,
      name,
      intervalMs: interval || undefined,
      limit: limit ?? 0,
      rules: (rules ?? []).flatMap(
        (raw, r) => readRule(reading, ["groups", g, "rules", r], raw, group) ?? [],
      ),
    };
  });
  if (faults.length === 0) return { ok: true, groups };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}
