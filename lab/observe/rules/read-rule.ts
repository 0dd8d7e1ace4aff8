import type { ZodError } from "zod";
import type { Fault, Path } from "../../../runtime/yaml/fault.ts";
import { readYamlAs } from "../../../runtime/yaml/read-as.ts";
import { QueryError, type Query, type QueryEngine } from "../promql/query.ts";
import type { Rule } from "./rule.ts";
import { ruleFile, ruleSchema, type Group } from "./rule-schema.ts";
import { TemplateError } from "./template/template-error.ts";
import { parseTemplate, type Template } from "./template/template.ts";

/** A file while its rules are read. */
export interface Reading {
  readonly read: Extract<ReturnType<typeof readRuleFile>, { readonly ok: true }>;
  readonly file: string;
  readonly lines: readonly string[];
  readonly engine: QueryEngine;
  readonly faults: Fault[];
}

/** A fault in a text value, and its place within it. */
interface TextFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** Reads a file into its groups, or all faults of its form. */
export const readRuleFile = (text: string, file: string) =>
  readYamlAs(text, file, ruleFile, { scalars: "text" });

/** A rule as it is parsed; undefined when it cannot be, its faults noted. */
export function readRule(
  reading: Reading,
  path: Path,
  raw: Record<string, unknown>,
  group: Group,
): Rule | undefined {
  const checked = ruleSchema.safeParse(raw);
  if (!checked.success) {
    refuse(reading, path, checked.error);
    return undefined;
  }
  const { data } = checked;
  const made = query(reading, [...path, "expr"], data.expr ?? "");
  if (made && made.type !== "vector" && made.type !== "scalar") {
    const message = "a rule needs an instant vector or a number";
    reading.faults.push(inside(reading, [...path, "expr"], { message, line: 1, column: 1 }));
    return undefined;
  }
  const labels = { ...group.labels, ...data.labels };
  const bounds = { limit: Math.max(0, group.limit ?? 0), queryOffsetMs: group.query_offset ?? 0 };
  if (data.record) return made && { kind: "record", name: data.record, query: made, labels, ...bounds };
  const templated = new Map([
    ...templates(reading, ["groups", path[1] ?? 0, "labels"], group.labels),
    ...templates(reading, [...path, "labels"], data.labels),
  ]);
  const annotations = templates(reading, [...path, "annotations"], data.annotations);
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

/** Every fault of a rule's fields, each at its place. */
function refuse({ read, faults }: Reading, path: Path, error: ZodError): void {
  for (const issue of error.issues) {
    const at = [...path, ...(issue.path as Path)];
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    if (keys.length === 0) faults.push(read.faultAt(at, issue.message));
    for (const key of keys) faults.push(read.faultAt([...at, key], "is no field that is known here"));
  }
}

function query(reading: Reading, path: Path, expression: string): Query | undefined {
  try {
    return reading.engine.compile(expression);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    reading.faults.push(inside(reading, path, error));
    return undefined;
  }
}

function templates(reading: Reading, path: Path, given: Record<string, string>): Map<string, Template> {
  const made = new Map<string, Template>();
  for (const [name, template] of Object.entries(given))
    try {
      made.set(name, parseTemplate(template));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { message, at } = error;
      reading.faults.push(inside(reading, [...path, name], { message, line: 1, column: at + 1 }));
    }
  return made;
}

/** A place inside a text value: the value's start, moved on to the fault in its text. */
function inside(
  { read, file, lines }: Reading,
  path: Path,
  { message, line: downBy, column: right }: TextFault,
): Fault {
  const start = read.positionOf(path);
  const here = lines[start.line - 1]?.[start.column - 1];
  const fault = { file, path: "", message };
  if (here === "|" || here === ">") {
    const line = start.line + downBy;
    const indent = /^ */.exec(lines[start.line] ?? "")?.[0].length ?? 0;
    return { ...fault, line, column: indent + right };
  }
  const quoted = here === '"' || here === "'" ? 1 : 0;
  if (downBy > 1) return { ...fault, line: start.line + downBy - 1, column: right };
  return { ...fault, line: start.line, column: start.column + quoted + right - 1 };
}
