import { z } from "zod";
import type { Path } from "../../runtime/yaml/fault.ts";
import { balancerConfig } from "./schema.ts";

/** As much of JSON Schema as the configuration's own uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
}

/** The configuration as JSON Schema, for editors and for messages. What a person may leave out is optional in it. */
export function configJsonSchema(): JsonSchema {
  return {
    ...z.toJSONSchema(balancerConfig, { io: "input" }),
    title: "Balancer configuration",
  } as JsonSchema;
}

/** The schema of the field at `path`; the value there decides between the shapes of a policy. */
export function schemaAt(root: JsonSchema, path: Path, value: unknown): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root;
  let here = value;
  for (const step of path) {
    schema = shapeOf(schema, here);
    if (schema === undefined) return undefined;
    if (typeof step === "number") {
      schema = schema.items;
    } else {
      const field: JsonSchema | undefined = schema.properties?.[step];
      schema =
        field ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
    }
    here = typeof here === "object" && here !== null ? Reflect.get(here, step) : undefined;
  }
  return shapeOf(schema, here) ?? schema;
}

function shapeOf(schema: JsonSchema | undefined, value: unknown): JsonSchema | undefined {
  if (schema?.oneOf === undefined) return schema;
  const type = typeof value === "object" && value !== null ? Reflect.get(value, "type") : undefined;
  return schema.oneOf.find((shape) => shape.properties?.["type"]?.const === type);
}

/** The JSON Schema as the file `schema.json` holds it. */
export const schemaText = (): string => `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
