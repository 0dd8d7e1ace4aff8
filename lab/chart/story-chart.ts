import { linear, roundUp, ticks } from "./scale.ts";
import { element, pathThrough, textAt, type Svg } from "./svg.ts";

/** A stretch of a lane; its tone is a class of whoever gives the colours. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly tone: "look" | "act" | "wrong" | "check" | "rest";
}

export interface StoryChart {
  /** Epoch ms and the share of requests that fail, 0..1; absent where nobody kept it. */
  readonly failed?: readonly (readonly [number, number])[];
  readonly marks: readonly { readonly at: number; readonly text: string }[];
  readonly lanes: readonly { readonly name: string; readonly stretches: readonly Stretch[] }[];
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

const WIDTH = 1048;
const LEFT = 130;
const RIGHT = 24;
const TOP = 44;
const FAILED = 84;
const LANE = 30;

/** One time axis: what users felt, and below it who did what. Colours are the page's, by class. */
export function storyChart({ failed, marks, lanes, from, to, label }: StoryChart): Svg {
  const x = linear({ min: from, max: Math.max(to, from + 1) }, LEFT, WIDTH - RIGHT);
  const bottom = failed ? TOP + FAILED : TOP - 14;
  const floor = bottom + 14 + lanes.length * LANE;
  const height = floor + 24;
  return element(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}`, width: "100%", role: "img", "aria-label": label, class: "story" },
    ...(failed ? feltBy(failed, x, bottom) : []),
    ...marks.flatMap(({ at, text }, i) => markAt(x(at), 12 + (i % 2) * 14, floor, text)),
    ...lanes.flatMap(({ name, stretches }, i) => [
      textAt(0, bottom + 14 + i * LANE + 15, name, { class: "h" }),
      ...stretches.flatMap((stretch) => drawn(stretch, x, bottom + 14 + i * LANE)),
    ]),
    ...timesOf(from, to).map((at) =>
      textAt(x(at), floor + 16, new Date(at).toISOString().slice(11, 19), { "text-anchor": "middle" }),
    ),
  );
}

/** The share of requests that fail, as an area over its own scale. */
function feltBy(failed: NonNullable<StoryChart["failed"]>, x: (at: number) => number, bottom: number): Svg[] {
  const most = Math.min(1, roundUp(Math.max(0.1, ...failed.map(([, ratio]) => ratio))));
  const y = linear({ min: 0, max: most }, bottom, TOP);
  const points = failed.map(([at, ratio]) => [x(at), y(ratio)] as const);
  const [first, last] = [points[0]?.[0] ?? LEFT, points.at(-1)?.[0] ?? LEFT];
  return [
    element("path", {
      class: "felt",
      d: pathThrough([[first, bottom], ...points, [last, bottom]], true),
    }),
    element("path", { class: "edge", d: `M${LEFT} ${bottom}H${WIDTH - RIGHT}` }),
    textAt(0, TOP + 30, "requests that fail"),
    textAt(LEFT - 8, TOP + 4, `${Math.round(most * 100)} %`, { "text-anchor": "end" }),
    textAt(LEFT - 8, bottom + 4, "0", { "text-anchor": "end" }),
  ];
}

const markAt = (x: number, y: number, floor: number, text: string): Svg[] => [
  element("path", { class: "guide", d: `M${x} ${y}V${floor}` }),
  textAt(x > WIDTH - 120 ? x - 4 : x + 4, y + 2, text, x > WIDTH - 120 ? { "text-anchor": "end" } : {}),
];

/** A word that would not fit is left to its title. */
const LETTER = 6.2;

function drawn({ from, to, text, tone }: Stretch, x: (at: number) => number, top: number): Svg[] {
  const [left, width] = [x(from), Math.max(3, x(to) - x(from) - 2)];
  const room = Math.floor((width - 8) / LETTER);
  const shown = text.length <= room ? text : room > 6 ? `${text.slice(0, room - 1)}…` : "";
  return [
    element(
      "rect",
      { class: `tone ${tone}`, x: left, y: top, width, height: 22, rx: 3 },
      element("title", {}, text),
    ),
    ...(shown === "" ? [] : [textAt(left + 5, top + 15, shown, { class: "on" })]),
  ];
}

/** Round moments: whole multiples of 10 s, of half a minute or of minutes. */
function timesOf(from: number, to: number): number[] {
  const seconds = ticks(0, (to - from) / 1000, 7);
  const step = Math.max(10, Math.ceil(((seconds[1] ?? 10) - (seconds[0] ?? 0)) / 10) * 10) * 1000;
  const times: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) times.push(at);
  return times;
}
