import { describe, expect, it } from "vitest";
import { table } from "../../../lab/cli/tables.ts";

const UNITS = [
  { head: "unit" },
  { head: "state" },
  { head: "pid", dropRank: 2 },
  { head: "package", dropRank: 3 },
  { head: "reason", wrap: true },
] as const;
const ROWS = [
  ["balancer", "active", 41_234, undefined, "ready"],
  [
    "web-1",
    "auto-restart",
    undefined,
    "wall-display",
    "exited with code 70 after it had run out of workers, and is started again by its policy",
  ],
];
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("a table", () => {
  it("has every column on one line each where there is room", () => {
    const lines = table(UNITS, ROWS).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^unit +state +pid +package +reason$/);
    expect(lines[1]).toMatch(/^balancer +active +41234 +- +ready$/);
  });

  it.each([120, 80, 60])("has no line longer than a terminal of %i columns", (width) => {
    expect(widest(table(UNITS, ROWS, width))).toBeLessThanOrEqual(width);
  });

  it("wraps the long column at words and loses none of them", () => {
    const text = table(UNITS, ROWS, 100);
    expect(text).toContain("package");
    const words = "exited with code 70 after it had run out of workers, and is started again by its policy";
    for (const word of words.split(" ")) expect(text).toContain(word);
  });

  it("leaves columns out by their rank, the highest first, and those without a rank never", () => {
    const head = (width: number) => table(UNITS, ROWS, width).split("\n")[0]?.split(/ {2,}/);
    expect(head(65)).toEqual(["unit", "state", "pid", "reason"]);
    expect(head(50)).toEqual(["unit", "state", "reason"]);
    expect(head(10)).toEqual(["unit", "state", "reason"]);
  });

  it("sets figures at the right, also coloured ones", () => {
    const lines = table(
      ["name", "share"],
      [
        ["a", "5.0 %"],
        ["b", "\u001b[31m29.3 %\u001b[39m"],
      ],
    ).split("\n");
    expect(lines[1]).toBe("a      5.0 %");
  });
});
