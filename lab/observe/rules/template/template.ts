import type { Labels } from "../../samples.ts";
import { Mapping, Struct, type Cell } from "./cell.ts";
import { execute } from "./execute.ts";
import type { TemplateFunction } from "./function.ts";
import { GO_FUNCTIONS } from "./go-functions.ts";
import { parseNodes } from "./parse.ts";
import { PROMETHEUS_FUNCTIONS, type FunctionContext } from "./prometheus-functions.ts";
import { TemplateError } from "./template-error.ts";

/** The data and functions of a template. */
export interface TemplateData extends Partial<FunctionContext> {
  readonly labels: Labels;
  readonly value: number;
}

/** Throws TemplateError when the data does not fit. */
export type Template = (data: TemplateData) => string;

const GO = new Map<string, TemplateFunction>(Object.entries(GO_FUNCTIONS));
const PROMETHEUS = new Map<string, (context: FunctionContext) => TemplateFunction>(
  Object.entries(PROMETHEUS_FUNCTIONS),
);

/** Every function that a template can call, by its name. */
export const TEMPLATE_FUNCTIONS: readonly string[] = [...GO.keys(), ...PROMETHEUS.keys()];

/** The variables that Prometheus defines before each template, and their fields of the data. */
const VARIABLES = {
  $labels: "Labels",
  $externalLabels: "ExternalLabels",
  $externalURL: "ExternalURL",
  $value: "Value",
} as const;

/** Parses an alert's text as a Prometheus template. Throws TemplateError when it cannot be parsed. */
export function parseTemplate(text: string): Template {
  if (!text.includes("{{")) return () => text;
  const { body, definitions } = parseNodes(text, {
    hasFunction: (name) => GO.has(name) || PROMETHEUS.has(name),
    variables: ["$", ...Object.keys(VARIABLES)],
  });

  return ({ labels, value, query = nothingToAsk, externalUrl = "" }) => {
    const data = new Struct("data", [
      ["Labels", new Mapping(Object.entries(labels))],
      // The lab has one evaluator, and needs no labels to distinguish it from others.
      ["ExternalLabels", new Mapping([])],
      ["ExternalURL", externalUrl],
      ["Value", value],
    ]);
    const variables = new Map<string, Cell>([["$", data]]);
    for (const [name, field] of Object.entries(VARIABLES)) variables.set(name, data.fields.get(field));
    const context = { query, externalUrl };
    const functionNamed = (name: string): TemplateFunction | undefined =>
      GO.get(name) ?? PROMETHEUS.get(name)?.(context);
    return execute(body, { data, variables }, { definitions, functionNamed });
  };
}

function nothingToAsk(): never {
  throw new TemplateError("there is nothing to ask here", 0);
}
