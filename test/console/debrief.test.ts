import { describe, expect, it } from "vitest";
import { blocksOf, piecesOf } from "../../dashboards/console/parts/markdown.ts";
import {
  evidenceSeen,
  ledAstray,
  stepsOf,
  stretchesOf,
  subjectsOf,
  userMinutesLost,
} from "../../dashboards/console/regions/debrief-facts.ts";
import { checkText, chipText, clock, duration } from "../../dashboards/console/regions/drill-figures.ts";
import type { DrillEvent, JournalLine } from "../../lab/drill/events.ts";

const BEGIN = Date.parse("2026-01-05T22:00:00Z");
const line = (second: number, event: DrillEvent): JournalLine => ({
  seq: second,
  at: new Date(BEGIN + second * 1000).toISOString(),
  ...event,
});
const looked = (second: number, subject: string): JournalLine => line(second, { event: "looked", subject });
const restarted = line(100, {
  event: "acted",
  action: "unit restart web-1",
  subject: "web-1",
  ok: true,
  message: "restarted",
  ms: 1000,
});
const points = Array.from({ length: 300 }, (_, i) => ({
  at: BEGIN + i * 1000,
  failedRatio: 0.3,
  affectedRatio: 0.5,
  p95Ms: 10,
  requestsPerSecond: 40,
}));

describe("what decided it", () => {
  it("is found by what its commands look at", () => {
    expect(subjectsOf("lblab changes; lblab config diff 1 2")).toEqual(["changes", "config"]);
    expect(subjectsOf("lblab logs web-1")).toEqual(["web-1"]);
    expect(subjectsOf("ss -ltnp; lblab ps")).toEqual(["ports", "units"]);
    expect(subjectsOf("lblab status")).toEqual([]);
  });

  it("is seen with the last look that it takes, and missed without one", () => {
    const evidence = [
      { look: "lblab changes; lblab config diff 1 2", shows: "a" },
      { look: "lblab logs web-1", shows: "b" },
      { look: "lblab status", shows: "c" },
    ];
    const seen = evidenceSeen(evidence, [looked(1, "changes"), looked(9, "config")]);
    expect(seen.map(({ how }) => how)).toEqual(["seen", "missed", "shown"]);
    expect(seen[0]?.at).toBe(BEGIN + 9000);
  });
});

describe("what led astray", () => {
  it("costs the minutes until the next step, and what users lost in them", () => {
    const leads = [
      { looksLike: "x", refutedBy: "y", subjects: ["web-1"] },
      { looksLike: "z", refutedBy: "y", subjects: ["database"] },
    ];
    const astray = ledAstray(leads, [restarted, looked(159, "changes")], points, BEGIN + 200_000);
    expect(astray.map(({ minutes }) => minutes)).toEqual([1, 0]);
    expect(astray[0]?.userMinutes).toBeCloseTo(500, 0);
  });
});

describe("loss", () => {
  it("is the share of affected users over time, and nothing is made up where there are no points", () => {
    expect(userMinutesLost(points.slice(0, 61))).toBeCloseTo(500, 5);
    expect(userMinutesLost(points.filter((_, i) => i === 0 || i === 299))).toBeCloseTo(41.7, 1);
  });
});

describe("steps", () => {
  it("last until the next one; looks in a row are one stretch", () => {
    const steps = stepsOf([looked(1, "changes"), looked(4, "config"), restarted], new Set([]));
    expect(stretchesOf(steps, BEGIN + 120_000).map(({ text, tone }) => [text, tone])).toEqual([
      ["changes, config", "look"],
      ["unit restart web-1", "act"],
    ]);
  });
});

describe("Markdown", () => {
  it("becomes paragraphs, lists, bold and code; links and markup stay text", () => {
    expect(blocksOf("**A.** b\nc\n\n- one\n- `two`\n  more")).toEqual([
      {
        kind: "paragraph",
        pieces: [
          { kind: "bold", text: "A." },
          { kind: "text", text: " b c" },
        ],
      },
      {
        kind: "list",
        items: [
          [{ kind: "text", text: "one" }],
          [
            { kind: "code", text: "two" },
            { kind: "text", text: " more" },
          ],
        ],
      },
    ]);
    expect(piecesOf("<img onerror=x> [go](javascript:x)")).toEqual([
      { kind: "text", text: "<img onerror=x> " },
      { kind: "text", text: "go (javascript:x)" },
    ]);
  });
});

describe("the figures of a drill", () => {
  it("are clocks and sentences", () => {
    expect([clock(102), duration(134), duration(9)]).toEqual(["01:42", "2 m 14 s", "9 s"]);
    expect(chipText(undefined)).toBeUndefined();
    expect(
      checkText({
        ok: false,
        felt: ["30 % fail"],
        trend: { seconds: 8, before: 0.3, now: 0.1, direction: "falling" },
      }),
    ).toBe(
      "NO: 30 % fail. It gets better: 30.0 % of requests failed before the last action, 10.0 % do 8 s after it",
    );
  });
});
