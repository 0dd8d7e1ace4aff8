import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { RESPONDERS } from "../../lab/responders/index.ts";
import { lblab, spawnLblab } from "../support/command.ts";
import { until } from "../support/until.ts";

const ratio = z.number().min(0).max(1);
const report = z.strictObject({
  schemaVersion: z.literal(1),
  scenario: z.literal("uneven-weights"),
  seed: z.literal(7),
  pace: z.literal("drill"),
  responder: z.literal("ideal"),
  measures: z.array(z.string()).length(0),
  virtualSeconds: z.number().min(30),
  wallMs: z.int().min(1),
  requests: z.int().min(1000),
  failedRequestRatio: ratio,
  affectedUserRatio: ratio,
  userMinutesLostPer1000: z.number().min(1),
  statuses: z.record(z.string().regex(/^(\d{3}|refused|timeout|cut|wrong)$/), z.int().min(1)),
  timeline: z
    .array(z.strictObject({ minute: z.number(), event: z.string().min(1), detail: z.string().min(1) }))
    .min(10),
  alerts: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        labels: z.record(z.string(), z.string()),
        firedAtMinute: z.number().min(0),
        resolvedAtMinute: z.number().min(0).nullable(),
      }),
    )
    .min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

const drillOf = (...more: readonly string[]) =>
  lblab("simulate", "lantern", "--pace", "drill", "--responder", "ideal", ...more);

describe("lblab simulate", () => {
  it("prints JSON to its contract, and the same digest again for the same seed and no other", async () => {
    const reported = await drillOf("--seed", "7", "--json");
    expect(reported.code, reported.err).toBe(0);
    const first = report.parse(JSON.parse(reported.out));
    expect(first.timeline.map(({ minute }) => minute)).toEqual(
      first.timeline.map(({ minute }) => minute).sort((a, b) => a - b),
    );
    const again = JSON.parse((await drillOf("--seed", "7", "--json")).out) as typeof first;
    expect({ ...again, wallMs: 0 }).toEqual({ ...first, wallMs: 0 });
    const other = JSON.parse((await drillOf("--seed", "8", "--json")).out) as typeof first;
    expect(other.digest).not.toBe(first.digest);
  });

  it("prints a timeline and figures for people, and draws a chart by --chart", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lblab-chart-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const chart = join(directory, "chart.svg");
    const { code, out, err } = await drillOf("--chart", chart);
    expect(code, err).toBe(0);
    expect(out).toMatch(/0\.00 +change +ops-maintenance/);
    expect(out).toMatch(/action +config apply FILE: version 4 is active/);
    expect(out).toMatch(/check +OK, and it lasts/);
    expect(out).toMatch(/digest +[0-9a-f]{64}/);
    expect(readFileSync(chart, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>$/);
  });

  it("writes a trace that is the same for the same seed, and differs from another seed's at its first own fact", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lblab-trace-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const traceOf = async (name: string, seed: string): Promise<string[]> => {
      const file = join(directory, name);
      const { code, err } = await drillOf("--seed", seed, "--trace", file);
      expect(code, err).toBe(0);
      return readFileSync(file, "utf8").trimEnd().split("\n");
    };
    const first = await traceOf("first", "7");
    const kinds = new Set(first.map((line) => line.split(" ")[0]));
    expect([...kinds].sort((a = "", b = "") => a.localeCompare(b))).toEqual([
      "drill",
      "load",
      "request",
      "unit",
      "user",
    ]);
    expect(await traceOf("again", "7")).toEqual(first);
    const other = await traceOf("other", "8");
    const parted = first.findIndex((line, index) => line !== other[index]);
    expect(first[parted]).toContain('["created","lantern",7,');
    expect(other[parted]).toContain('["created","lantern",8,');
  });

  it("refuses a trace that has no place before anything is simulated", async () => {
    const { code, out, err } = await drillOf("--trace", "/nowhere/at/all.trace");
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("cannot write the trace /nowhere/at/all.trace");
  });

  it("ends with 130 and no data when it is interrupted", async () => {
    const running = spawnLblab(["simulate", "juniper", "--pace", "report", "--json"]);
    await until(() => running.err.includes("virtual minutes"), "progress", 20_000);
    running.signal("SIGINT");
    const { code, out } = await running.end();
    expect(code).toBe(130);
    expect(out).toBe("");
  });
});

describe("unknown names to lblab simulate", () => {
  it.each([
    [["simulate", "lantren"], "did you mean lantern?"],
    // An id says what the incident is: only aliases are suggested.
    [["simulate", "dead-backend"], 'there is no incident "dead-backend"\n'],
    [["simulate", "xyz"], 'there is no incident "xyz"'],
    [["simulate"], "which incident?"],
    [["simulate", "lantern", "--responder", "idael"], 'there is no responder "idael": did you mean ideal?'],
    [["simulate", "lantern", "--pace", "reprot"], 'there is no pace "reprot": did you mean report?'],
    [["simulate", "lantern", "--seed", "many"], 'a seed is a whole number, not "many"'],
    [["simulate", "lantern", "--chart", "/nowhere/at/all.svg"], "cannot write /nowhere/at/all.svg"],
  ])("%j ends with 2 and says so", async (args, message) => {
    const { code, out, err } = await lblab(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out).toBe("");
  });

  it("prints what is assumed of each responder, with --responder help and with --help", async () => {
    const [listed, help] = [
      await lblab("simulate", "--responder", "help"),
      await lblab("simulate", "--help"),
    ];
    for (const { code, out } of [listed, help]) {
      expect(code).toBe(0);
      const words = out.replaceAll(/\s+/g, " ");
      for (const { assumptions } of Object.values(RESPONDERS)) expect(words).toContain(assumptions);
    }
  });
});
