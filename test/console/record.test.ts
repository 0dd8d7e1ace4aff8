import { beforeAll, describe, expect, it } from "vitest";
import { failedOf, lanesOf, spanOf, factsAt, until } from "../../dashboards/console/record/record-facts.ts";
import { watchJournal } from "../../lab/cli/simulate/watch.ts";
import { isJournal } from "../../lab/drill/is-journal.ts";
import type { JournalLine } from "../../lab/drill/events.ts";
import { inspectJournalText, integrityWords } from "../../lab/drill/journal-text.ts";
import { handOverText } from "../../lab/simulate/hand-over.ts";
import { readSeriesText, seriesText } from "../../lab/chart/series-text.ts";
import { createDrillBench, REPAIR } from "../support/fake-drill.ts";
import { keptJournal } from "../support/kept-journal.ts";

let kept: string;
let lines: readonly JournalLine[];
beforeAll(async () => {
  const bench = createDrillBench({ id: "d1" });
  await bench.runUntil("impact");
  await bench.pass(12_000);
  bench.drill.looked("changes");
  await bench.drill.act(REPAIR);
  await bench.pass(20_000);
  kept = keptJournal(bench.journal.lines);
  lines = inspectJournalText(kept, "it").lines;
});

describe("a live drill's journal", () => {
  it("is known by its first line; a drill that was handed on is none", () => {
    expect(isJournal(kept)).toBe(true);
    const handedOn = handOverText({
      release: "1",
      alias: "lantern",
      seed: 1,
      pace: "drill",
      timeLimitMs: null,
      measures: {},
      calls: [],
      steps: 1,
      digest: "0".repeat(64),
    });
    expect(isJournal(handedOn)).toBe(false);
  });

  it("is the same text again when its lines are written one by one, as the page saves it", () => {
    const again = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    expect(again).toBe(kept);
    expect(integrityWords(inspectJournalText(again, "it"))).toBe("whole");
  });

  it("says of any moment how it stood, and nothing of what came later", () => {
    const { from, to } = spanOf(lines);
    const changed = Date.parse(lines.find(({ event }) => event === "changed")?.at ?? "");
    const before = Object.fromEntries(factsAt(until(lines, changed - 1), changed - 1));
    expect(before["users"]).toContain("well");
    const impact = Date.parse(lines.find(({ event }) => event === "impact")?.at ?? "");
    const during = Object.fromEntries(factsAt(until(lines, impact), impact));
    expect(during["users"]).toMatch(/hurt since \d\d:\d\d:\d\d/);
    const early = lanesOf(lines, from).find(({ name }) => name === "who drilled");
    const late = lanesOf(lines, to).find(({ name }) => name === "who drilled");
    expect(early?.stretches).toEqual([]);
    expect(late?.stretches.map(({ tone }) => tone)).toEqual(["look", "act"]);
  });

  it("is printed by its facts, without a digest, damaged or not", () => {
    const documents: Record<string, unknown>[] = [];
    const printed: string[] = [];
    const output = {
      json: false,
      interactive: false,
      width: 100,
      print: (text: string) => void printed.push(text),
      note: () => {},
      printJson: (value: unknown) => void documents.push(value as Record<string, unknown>),
    };
    watchJournal(kept, "journal.ndjson", output);
    expect(printed.join("\n")).toContain("no digest to compare");
    expect(printed.join("\n")).toContain("(".concat(`${lines.length} lines; whole)`));
    watchJournal(kept.replace("changes", "changed"), "journal.ndjson", { ...output, json: true });
    expect(documents[0]).toMatchObject({ equal: null, digest: null, integrity: { whole: false } });
  });
});

describe("requests of a live drill, kept by the second", () => {
  it("give the share that failed over ten seconds", () => {
    const sent = Array.from({ length: 20 }, () => 10);
    const failed = sent.map((_, i) => (i >= 10 ? 5 : 0));
    const series = { fromMs: 1000, bucketMs: 1000, upstreams: {}, sent, routes: { page: { sent, failed } } };
    const read = readSeriesText(seriesText(series));
    const points = read ? failedOf(read) : [];
    expect(points[9]).toEqual([11_000, 0]);
    expect(points[14]).toEqual([16_000, 0.25]);
    expect(points[19]).toEqual([21_000, 0.5]);
    expect(readSeriesText("{}")).toBeUndefined();
  });
});
