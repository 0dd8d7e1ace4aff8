import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SAVED_SHARES } from "../../../lab/matrix/saved-shares.ts";
import { MEASURES } from "../../../lab/measures/index.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/measures.md"), "utf8");
const REVIEWER = "review, who sees it";

const cellsOf = (row: string): string[] =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.replaceAll("`", "").trim());

/** The page's table of what each saves, 0..1, by incident and measure; what is said behind a comma belongs to the measure's options. */
function printed(): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const [, table = ""] = PAGE.split("## What each saves\n");
  const lines = table.split("\n");
  const first = lines.findIndex((line) => line.startsWith("|"));
  const [header = "", , ...rows] = lines.slice(first, lines.indexOf("", first));
  const incidents = cellsOf(header).slice(1);
  return new Map(
    incidents.map((incident, column) => [
      incident,
      new Map(
        rows.map(cellsOf).map(([name = "", ...cells]) => {
          const percent = /(-?[\d.]+) %/.exec(cells[column] ?? "")?.[1];
          return [name === REVIEWER ? name : (name.split(",")[0] ?? ""), Number(percent) / 100];
        }),
      ),
    ]),
  );
}

describe("what measures are said to save in a debrief", () => {
  it("is what the page of measures prints, and a review's default probability", () => {
    const table = printed();
    const review = MEASURES.find(({ name }) => name === "review");
    const sees = parseFloat(review?.parameters["sees"]?.fallback ?? "") / 100;
    for (const [incident, shares] of Object.entries(SAVED_SHARES))
      for (const [measure, share] of Object.entries(shares)) {
        const whole = table.get(incident)?.get(measure === "review" ? REVIEWER : measure);
        expect(measure === "review" ? (whole ?? 0) * sees : whole, `${measure} in ${incident}`).toBeCloseTo(
          share,
          4,
        );
      }
  });

  it("is said of every incident", () => {
    expect(Object.keys(SAVED_SHARES).sort()).toEqual(SCENARIOS.map(({ id }) => id).sort());
  });
});
