import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configJsonSchema, schemaText } from "../../../lb/config/json-schema.ts";

it("schema.json is what the schema says now (npm run schema writes it)", () => {
  const file = new URL("../../../lb/config/schema.json", import.meta.url);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(schemaText()));
});

it("the JSON Schema asks only for what has no default", () => {
  const pool = configJsonSchema().properties?.["pools"]?.additionalProperties as { required: string[] };
  expect(configJsonSchema()).toMatchObject({ required: ["listeners", "pools"], additionalProperties: false });
  expect(pool.required).toEqual(["policy", "upstreams"]);
});
