import { z } from "zod";
import type { Fault, Path } from "../../../runtime/yaml/fault.ts";
import { readYamlAs } from "../../../runtime/yaml/read-as.ts";
import { parseDuration } from "../promql/literals.ts";
import { QueryError, type Query, type QueryEngine } from "../promql/query.ts";
import { parseTemplate, TemplateError, type Template } from "./template.ts";

/** An alerting or recording rule, understood. */
export type Rule = AlertRule | RecordingRule;

export interface AlertRule {
  readonly kind: "alert";
  readonly name: string;
  readonly query: Query;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: ReadonlyMap<string, Template>;
  readonly annotations: ReadonlyMap<string, Template>;
  /** Labels and annotations as they are written. */
  readonly written: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
}

export interface RecordingRule {
  readonly kind: "record";
  readonly name: string;
  readonly query: Query;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly file: string;
  readonly name: string;
  /** Undefined: with every evaluation. */
  readonly intervalMs: number | undefined;
  readonly rules: readonly Rule[];
}

export type LoadedRules =
  | { readonly ok: true; readonly groups: readonly RuleGroup[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const duration = z
  .union([z.string(), z.literal(0)])
  .transform((text) => (text === 0 ? 0 : parseDuration(text)))
  .refine((ms) => ms !== undefined, "is no duration; write it like 30s or 5m")
  .transform((ms) => ms ?? 0);
const labelName = z.string().regex(/^[A-Za-z_]\w*$/, "is no label's name");
const texts = z.record(labelName, z.string());

const alertRule = z.strictObject({
  alert: z.string().min(1),
  expr: z.union([z.string(), z.number()]).transform(String),
  for: duration.default(0),
  keep_firing_for: duration.default(0),
  labels: texts.default({}),
  annotations: texts.default({}),
});
const recordingRule = z.strictObject({
  record: z.string().regex(/^[A-Za-z_:][\w:]*$/, "is no metric's name"),
  expr: z.union([z.string(), z.number()]).transform(String),
  labels: texts.default({}),
});
const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      interval: duration.optional(),
      rules: z.array(z.looseObject({})).min(1),
    }),
  ),
});

/** Rules out of a file in Prometheus' own format, or everything that is wrong with it, each with its place. */
export function loadRules(text: string, file: string, engine: QueryEngine): LoadedRules {
  const read = readYamlAs(text, file, ruleFile);
  if (!read.ok) return read;
  const faults: Fault[] = [];
  const lines = text.split("\n");

  /** A place inside a text value: its own start, moved on to where the text has the fault. */
  function inside(path: Path, message: string, place: { line: number; column: number }): Fault {
    const start = read.ok ? read.positionOf(path) : { line: 1, column: 1 };
    const here = lines[start.line - 1]?.[start.column - 1];
    const fault = { file, path: "", message };
    if (here === "|" || here === ">") {
      const line = start.line + place.line;
      const indent = /^ */.exec(lines[start.line] ?? "")?.[0].length ?? 0;
      return { ...fault, line, column: indent + place.column };
    }
    const quoted = here === '"' || here === "'" ? 1 : 0;
    if (place.line > 1) return { ...fault, line: start.line + place.line - 1, column: place.column };
    return { ...fault, line: start.line, column: start.column + quoted + place.column - 1 };
  }

  function query(path: Path, expression: string): Query | undefined {
    try {
      return engine.compile(expression);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      faults.push(inside(path, error.message, error));
      return undefined;
    }
  }

  function templates(path: Path, given: Record<string, string>): Map<string, Template> {
    const made = new Map<string, Template>();
    for (const [name, template] of Object.entries(given))
      try {
        made.set(name, parseTemplate(template));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        faults.push(inside([...path, name], error.message, { line: 1, column: error.at + 1 }));
      }
    return made;
  }

  function rule(path: Path, raw: Record<string, unknown>): Rule | undefined {
    const schema = "record" in raw ? recordingRule : alertRule;
    const checked = schema.safeParse(raw);
    if (!checked.success) {
      for (const issue of checked.error.issues) {
        const at = [...path, ...(issue.path as Path)];
        const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
        if (keys.length === 0 && read.ok) faults.push(read.faultAt(at, issue.message));
        for (const key of keys)
          if (read.ok) faults.push(read.faultAt([...at, key], "is no field that is known here"));
      }
      return undefined;
    }
    const { data } = checked;
    const made = query([...path, "expr"], data.expr);
    if (made && made.type !== "vector" && made.type !== "scalar") {
      faults.push(
        inside([...path, "expr"], "a rule needs an instant vector or a number", { line: 1, column: 1 }),
      );
      return undefined;
    }
    if ("record" in data)
      return made && { kind: "record", name: data.record, query: made, labels: data.labels };
    const labels = templates([...path, "labels"], data.labels);
    const annotations = templates([...path, "annotations"], data.annotations);
    return (
      made && {
        kind: "alert",
        name: data.alert,
        query: made,
        forMs: data.for,
        keepFiringForMs: data.keep_firing_for,
        labels,
        annotations,
        written: { labels: data.labels, annotations: data.annotations },
      }
    );
  }

  const seen = new Set<string>();
  const groups = read.value.groups.map(({ name, interval, rules }, g): RuleGroup => {
    if (seen.has(name)) faults.push(read.faultAt(["groups", g, "name"], `there are two groups "${name}"`));
    seen.add(name);
    return {
      file,
      name,
      intervalMs: interval,
      rules: rules.flatMap((raw, r) => rule(["groups", g, "rules", r], raw) ?? []),
    };
  });
  if (faults.length === 0) return { ok: true, groups };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}
