import type { z } from "zod";
import { nearest } from "./did-you-mean.ts";
import { quote, type Path } from "../../runtime/yaml/fault.ts";
import { policyOfOtherName } from "../policies/other-names.ts";
import { configJsonSchema, schemaAt, type JsonSchema } from "./json-schema.ts";

/** A fault of the schema: which field, whether its name or its value is at fault, and the message. */
export interface Complaint {
  readonly path: Path;
  readonly about: "key" | "value";
  readonly message: string;
}

const schema = configJsonSchema();

/**
 * Turns each of zod's issues into what is wrong and what is allowed, in `limit` complaints at most. `value` is the whole
 * configuration as read.
 */
export function explain(issue: z.core.$ZodIssue, value: unknown, limit: number): Complaint[] {
  const path = issue.path as Path;
  const given = valueAt(value, path);
  const about = given === undefined ? "key" : "value";
  const wrong = (allowed: string): Complaint[] => [
    {
      path,
      about,
      message: given === undefined ? `is missing, ${allowed}` : `is ${quote(given)}, ${allowed}`,
    },
  ];
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownFields(issue.keys.slice(0, limit), path, value);
    case "invalid_key":
      return [
        { path, about: "key", message: issue.issues[0]?.message ?? "is not a name that is allowed here" },
      ];
    case "invalid_union": {
      const options = (issue as { options?: readonly unknown[] }).options ?? [];
      return wrong(oneOf(options, given));
    }
    case "invalid_value":
      return wrong(oneOf(issue.values, given));
    case "invalid_format":
      return wrong(
        issue.format === "starts_with"
          ? `must begin with ${quote((issue as { prefix?: string }).prefix)}`
          : issue.message,
      );
    case "invalid_type":
      return wrong(`must be ${allowed(schemaAt(schema, path, value))}${quotesHint(issue.expected, given)}`);
    case "too_small":
    case "too_big":
      return issue.origin === "array"
        ? [{ path, about, message: `has ${(given as unknown[]).length} entries, ${bound(issue)}` }]
        : wrong(
            issue.origin === "string"
              ? "must not be empty"
              : `must be ${allowed(schemaAt(schema, path, value))}`,
          );
    case "custom":
    case "invalid_element":
    case "not_multiple_of":
      return wrong(issue.message);
  }
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  return issue.code === "too_small"
    ? `must have at least ${issue.minimum}`
    : `must have at most ${issue.maximum}`;
}

function unknownFields(keys: readonly string[], path: Path, value: unknown): Complaint[] {
  const fields = Object.keys(schemaAt(schema, path, value)?.properties ?? {});
  const allowed = fields.join(", ");
  return keys.map((key) => {
    const near = nearest(key, fields);
    const hint = near === undefined ? "" : `did you mean ${near}? `;
    return {
      path: [...path, key],
      about: "key",
      message: `is not a known field, ${hint}allowed: ${allowed}`,
    };
  });
}

function oneOf(options: readonly unknown[], given: unknown): string {
  const near = typeof given === "string" ? meant(given, options.map(String)) : undefined;
  return `must be one of ${options.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

/** Another proxy's name of a policy is no slip of the finger: it is far from ours, and near to a wrong one at times. */
function meant(given: string, options: readonly string[]): string | undefined {
  const policy = policyOfOtherName(given);
  return policy !== undefined && options.includes(policy) ? policy : nearest(given, options);
}

/** What a schema allows, as text. */
function allowed(schema: JsonSchema | undefined): string {
  if (schema?.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  switch (schema?.type) {
    case "integer":
      return `a whole number from ${schema.minimum ?? 0} to ${schema.maximum ?? "any"}`;
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case undefined:
    default:
      return `a mapping${schema?.properties === undefined ? "" : ` of ${Object.keys(schema.properties).join(", ")}`}`;
  }
}

/** YAML reads `name: 12` as a number and `name: yes` as text; people expect neither. */
const quotesHint = (expected: string, given: unknown): string =>
  expected === "string" && (typeof given === "number" || typeof given === "boolean")
    ? ": put it in quotes"
    : "";

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path)
    here = typeof here === "object" && here !== null ? Reflect.get(here, step) : undefined;
  return here;
}
