import { element, svgText, textAt, type Svg } from "../chart/svg.ts";
import type { PaceName } from "../../scenarios/scenario.ts";
import type { MatrixCell, MatrixIncident } from "./matrix.ts";

/** What a matrix' chart shows. */
export interface MatrixChart {
  readonly pace: PaceName;
  readonly seeds: readonly number[];
  readonly responder: string;
  readonly incidents: readonly MatrixIncident[];
}

const LEFT = 210;
const TOP = 110;
const CELL = { width: 150, height: 30 } as const;
const INK = "#6e7681";
const GOOD = "#57ab5a";
const BAD = "#d1495b";
const FONT = "system-ui, sans-serif";

/**
 * The matrix as one SVG document that needs nothing else: a row a measure, a column an incident, filled by what is saved. The
 * same facts give the same text.
 */
export function drawMatrix({ pace, seeds, responder, incidents }: MatrixChart): string {
  const rows = rowsIn(incidents);
  const width = LEFT + incidents.length * CELL.width + 20;
  const height = TOP + rows.length * CELL.height + 30;
  const heads = incidents.map(({ scenario, baseline }, i) => [
    textAt(LEFT + i * CELL.width, TOP - 28, scenario, { "font-size": 13, fill: INK }),
    textAt(LEFT + i * CELL.width, TOP - 10, `${Math.round(baseline.userMinutesLostPer1000)} lost`, {
      "font-size": 11,
      fill: INK,
    }),
  ]);
  const cells = rows.map(({ name, key }, row) => [
    textAt(12, TOP + row * CELL.height + 20, name, { "font-size": 13, fill: INK }),
    ...incidents.flatMap(({ cells: all }, column) => {
      const cell = all.find((one) => keyOf(one) === key);
      return cell ? drawCell(cell, LEFT + column * CELL.width, TOP + row * CELL.height) : [];
    }),
  ]);
  return svgText(
    element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `0 0 ${width} ${height}`,
        width,
        height,
        "font-family": FONT,
        role: "img",
      },
      textAt(12, 30, "What would have helped: user-minutes saved", { "font-size": 18, fill: INK }),
      textAt(
        12,
        54,
        `pace ${pace}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}, the page answered by ${responder}; lost per 1,000 users`,
        { "font-size": 12, fill: INK },
      ),
      ...heads.flat(),
      ...cells.flat(),
    ),
  );
}

const keyOf = ({ kind, measures }: MatrixCell): string =>
  kind === "together" ? "together" : measures.join(", ");

/** All but one are left out: their rows say what is missing by what the single ones save. */
function rowsIn(
  incidents: readonly MatrixIncident[],
): readonly { readonly name: string; readonly key: string }[] {
  const keys = new Set(
    incidents.flatMap(({ cells }) => cells.filter(({ kind }) => kind !== "all-but-one").map(keyOf)),
  );
  return [...keys].map((key) => ({
    key,
    name: key === "together" ? "all together" : key.startsWith("-") ? `without ${key.slice(1)}` : key,
  }));
}

function drawCell({ savedRatio, outcome }: MatrixCell, x: number, y: number): Svg[] {
  const filled = Math.min(1, Math.abs(savedRatio)) * (CELL.width - 12);
  return [
    element("rect", {
      x,
      y: y + 4,
      width: filled,
      height: CELL.height - 8,
      fill: savedRatio < 0 ? BAD : GOOD,
      "fill-opacity": "0.35",
    }),
    textAt(x + 4, y + 20, `${Math.round(savedRatio * 100)} % ${outcome}`, { "font-size": 12, fill: INK }),
  ];
}
