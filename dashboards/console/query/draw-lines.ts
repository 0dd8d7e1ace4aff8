import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime } from "../parts/figures.ts";
import type { Lines } from "./answer-view.ts";

const HEIGHT = 180;
/** Okabe and Ito's palette without its red, which is for users' harm; with dashes, so that colour is not all that differs. */
const STROKES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8a7f00"] as const;
const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3]] as const;

/** Draws lines over time into a place of the page, until it is closed. */
export function drawLines(
  place: HTMLElement,
  { times, series }: Lines,
  onPoint: (index: number) => void,
): { point(index: number): void; close(): void } {
  const ink = getComputedStyle(place).getPropertyValue("--soft");
  const grid = getComputedStyle(place).getPropertyValue("--line");
  const axis = {
    stroke: ink,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1 },
    font: "11px system-ui",
  };
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: true } },
      axes: [
        { ...axis, values: (_chart, splits) => splits.map((at) => clockTime(at * 1000)) },
        {
          ...axis,
          size: 56,
          values: (_chart, splits) => splits.map((value) => String(Number(value.toPrecision(4)))),
        },
      ],
      series: [
        {},
        ...series.map(({ name }, i) => ({
          label: name,
          stroke: STROKES[i % STROKES.length] ?? STROKES[0],
          dash: [...(DASHES[Math.floor(i / STROKES.length) % DASHES.length] ?? [])],
          width: 1.6,
          points: { show: times.length < 3 },
        })),
      ],
      hooks: {
        setCursor: [
          ({ cursor: { idx } }) => {
            if (idx !== null && idx !== undefined) onPoint(idx);
          },
        ],
      },
    },
    [[...times], ...series.map(({ values }) => [...values])],
    place,
  );
  const resized = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT }));
  resized.observe(place);
  return {
    point: (index) => chart.setCursor({ left: chart.valToPos(times[index] ?? 0, "x"), top: 0 }, false),
    close() {
      resized.disconnect();
      chart.destroy();
    },
  };
}
