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
            }),
          )
          .min(10),
        contradictions: z
          .array(z.strictObject({ claim: z.string(), reason: z.string(), treatment: z.string() }))
          .length(portConflict.report.contradictions.length),
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
    expect(err).toContain("overture: ");
  });

  it.each([
    [["fidelity", "overtrue"], "did you mean overture?"],
    [["fidelity", "overture", "--seed", "many"], 'a seed is a whole number, not "many"'],
  ])("%j ends with 2 and says so", async (args, message) => {
    const { code, out, err } = await lblab(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out).toBe("");
  });
});
