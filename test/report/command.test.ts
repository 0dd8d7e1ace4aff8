import { describe, expect, it } from "vitest";
import { z } from "zod";
import { portConflict } from "../../scenarios/port-conflict/scenario.ts";
import { lblab, spawnLblab } from "../support/command.ts";

const band = z.union([
  z.strictObject({ min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ oneOf: z.array(z.string()).min(1) }),
]);
const fidelity = z.strictObject({
  schemaVersion: z.literal(1),
  seed: z.literal(3),
  seeds: z.tuple([z.literal(3)]),
  scenarios: z
    .array(
      z.strictObject({
        id: z.literal("port-conflict"),
        claims: z
          .array(
            z.strictObject({
              name: z.string().min(1),
              kind: z.enum(["emergent", "scripted"]),
              reported: z.union([z.number(), z.string()]),
              measured: z.union([z.number(), z.string()]),
              band,
              ok: z.literal(true),
              held: z.literal(1),
              seeds: z.literal(1),
              ours: z.literal(true).optional(),
              interpretation: z.string().optional(),
            }),
          )
          .min(10),
        contradictions: z
          .array(z.strictObject({ claim: z.string(), reason: z.string(), treatment: z.string() }))
          .length(portConflict.report.contradictions.length),
        statements: z
          .array(
            z.strictObject({
              n: z.int(),
              says: z.string(),
              became: z.array(z.record(z.string(), z.string())),
            }),
          )
          .length(portConflict.report.statements.length),
        score: z.literal(1),
      }),
    )
    .length(1),
});

describe("lblab fidelity", () => {
  it("prints JSON to its contract on standard output, progress elsewhere, and ends with 0 when all holds", async () => {
    const running = spawnLblab(["fidelity", "overture", "--seed", "3", "--json"]);
    const { code, out, err } = await running.end(600_000);
    expect(code, err).toBe(0);
    fidelity.parse(JSON.parse(out));
    expect(err).toContain("overture: seed 3, score 1");
  });

  it.each([
    [["fidelity", "overtrue"], "did you mean overture?"],
    [["fidelity", "overture", "--seeds", "0"], "--seeds must be a whole number from 1 to 10000"],
    [["fidelity", "overture", "--seed", "1", "--seeds", "2"], "give one of them"],
    [["fidelity", "overture", "--seed", "many"], 'a seed is a whole number, not "many"'],
  ])("%j ends with 2 and says so", async (args, message) => {
    const { code, out, err } = await lblab(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out).toBe("");
  });
});
