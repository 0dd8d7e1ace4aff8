import { describe, expect, it } from "vitest";
import { completionAt, type SchemaNode } from "../../dashboards/console/configuration/schema-completion.ts";

const SCHEMA: SchemaNode = {
  properties: {
    engine: { enum: ["one", "two"], default: "one", description: "Which one" },
    pools: {
      additionalProperties: {
        properties: {
          upstreams: { items: { properties: { address: {}, backup: { type: "boolean" } } } },
          policy: {
            oneOf: [
              { properties: { type: { const: "random" } } },
              { properties: { type: { const: "least" }, slow: {} } },
            ],
          },
        },
      },
    },
  },
};

const labelsAt = (text: string) => completionAt(SCHEMA, text, text.length)?.options.map(({ label }) => label);

describe("what completion offers in a configuration", () => {
  it("offers the fields of the mapping that the line lies in", () => {
    expect(labelsAt("en")).toEqual(["engine", "pools"]);
    expect(labelsAt("pools:\n  web:\n    ")).toEqual(["upstreams", "policy"]);
  });

  it("offers the fields of a list's item, on its first line and after it", () => {
    expect(labelsAt("pools:\n  web:\n    upstreams:\n      - ")).toEqual(["address", "backup"]);
    expect(labelsAt("pools:\n  web:\n    upstreams:\n      - address: a:1\n        b")).toEqual([
      "address",
      "backup",
    ]);
    expect(labelsAt("pools:\n  web:\n    upstreams:\n    - address: a:1\n      b")).toEqual([
      "address",
      "backup",
    ]);
  });

  it("offers values, of every kind that a field may be", () => {
    expect(labelsAt("engine: o")).toEqual(["one", "two"]);
    expect(labelsAt("pools:\n  web:\n    policy:\n      type: ")).toEqual(["random", "least"]);
    expect(labelsAt("pools:\n  web:\n    upstreams:\n      - backup: ")).toEqual(["true", "false"]);
  });

  it("has nothing to say where the schema has not", () => {
    expect(labelsAt("other:\n  ")).toBeUndefined();
    expect(labelsAt("# a comment: ")).toBeUndefined();
  });
});
