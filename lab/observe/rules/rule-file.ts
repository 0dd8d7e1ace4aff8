import { z } from "zod";
import type { Fault, Path } from "../../../runtime/yaml/fault.ts";
import { readYamlAs } from "../../../runtime/yaml/read-as.ts";
import { parseDuration } from "../promql/literals.ts";
import { QueryError, type Query, type QueryEngine } from "../promql/query.ts";
import { TemplateError } from "./template/template-error.ts";
import { parseTemplate, type Template } from "./template/template.ts";

/** A parsed alerting or recording rule. */
export type Rule = AlertRule | RecordingRule;

interface RuleBounds {
  /** More alerts or series than this are an error, and none is kept; 0: any number. */
  readonly limit: number;
  /** How far before the evaluation's time its query reads and its series are written. */
  readonly queryOffsetMs: number;
}

export interface AlertRule extends RuleBounds {
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

export interface RecordingRule extends RuleBounds {
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
  /** Of each of its rules, as it is written. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

export type LoadedRules =
  | { readonly ok: true; readonly groups: readonly RuleGroup[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const duration = z.string().transform((text, context) => {
  const ms = text === "0" ? 0 : parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue("is no duration; write it like 30s or 5m");
  return z.NEVER;
});
/** Names and texts; an absent text is an empty one, as Prometheus reads it. */
const texts = z
  .record(z.string(), z.string().nullable())
  .nullish()
  .transform((given) =>
    Object.fromEntries(Object.entries(given ?? {}).map(([name, text]) => [name, text ?? ""])),
  )
  .superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      const refuse = (message: string): void => context.addIssue({ code: "custom", path: [name], message });
      if (!/^[A-Za-z_]\w*$/.test(name)) refuse("is no label's name");
      if (name === "__name__") refuse("is the metric's name, and no label that can be set");
    }
  });
const wholeNumber = z
  .string()
  .regex(/^[+-]?\d+$/, "is no whole number")
  .transform(Number);

const ruleSchema = z
  .strictObject({
    record: z
      .string()
      .regex(/^(?:[A-Za-z_:][\w:]*)?$/, "is no metric's name")
      .nullish(),
    alert: z.string().nullish(),
    expr: z.string().nullish(),
    for: duration.nullish(),
    keep_firing_for: duration.nullish(),
    labels: texts,
    annotations: texts,
  })
  .superRefine((rule, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: "custom", path: [field], message });
    if (rule.record && rule.alert) refuse("alert", "a rule has either alert or record");
    if (!rule.record && !rule.alert) refuse("alert", "a rule needs the name of its alert or record");
    if (!rule.expr) refuse("expr", "a rule needs an expression");
    if (!rule.record) return;
    if (rule.for) refuse("for", "is nothing that a recording rule has");
    if (rule.keep_firing_for) refuse("keep_firing_for", "is nothing that a recording rule has");
    if (Object.keys(rule.annotations).length > 0)
      refuse("annotations", "are nothing that a recording rule has");
  });
const groupSchema = z.strictObject({
  name: z.string().min(1, "a group needs a name"),
  interval: duration.nullish(),
  query_offset: duration.nullish(),
  limit: wholeNumber.nullish(),
  labels: texts,
  rules: z.array(z.looseObject({})).nullish(),
});
const ruleFile = z
  .strictObject({ groups: z.array(groupSchema).nullish() })
  .nullable()
  .transform((file) => file?.groups ?? []);

type Group = z.infer<typeof groupSchema>;

/** The rules of a file in Prometheus' own format, or all faults in it, each with its place. */
export function loadRules(text: string, file: string, engine: QueryEngine): LoadedRules {
  const read = readYamlAs(text, file, ruleFile, { scalars: "text" });
  if (!read.ok) return read;
  const faults: Fault[] = [];
  const lines = text.split("\n");

  /** A place inside a text value: the value's start, moved on to the fault in its text. */
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

  function rule(path: Path, raw: Record<string, unknown>, group: Group): Rule | undefined {
    const checked = ruleSchema.safeParse(raw);
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
    const made = query([...path, "expr"], data.expr ?? "");
    if (made && made.type !== "vector" && made.type !== "scalar") {
      faults.push(
        inside([...path, "expr"], "a rule needs an instant vector or a number", { line: 1, column: 1 }),
      );
      return undefined;
    }
    const labels = { ...group.labels, ...data.labels };
    const bounds = { limit: Math.max(0, group.limit ?? 0), queryOffsetMs: group.query_offset ?? 0 };
    if (data.record) return made && { kind: "record", name: data.record, query: made, labels, ...bounds };
    const templated = new Map([
      ...templates(["groups", path[1] ?? 0, "labels"], group.labels),
      ...templates([...path, "labels"], data.labels),
    ]);
    const annotations = templates([...path, "annotations"], data.annotations);
    return (
      made && {
        kind: "alert",
        name: data.alert ?? "",
        query: made,
        forMs: data.for ?? 0,
        keepFiringForMs: data.keep_firing_for ?? 0,
        labels: templated,
        annotations,
        written: { labels, annotations: data.annotations },
        ...bounds,
      }
    );
  }

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
      rules: (rules ?? []).flatMap((raw, r) => rule(["groups", g, "rules", r], raw, group) ?? []),
    };
  });
  if (faults.length === 0) return { ok: true, groups };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}
