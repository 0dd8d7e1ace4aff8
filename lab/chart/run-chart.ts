import { groupMarks, LANES, MARK_LEFT, markWidth, type Lane, type Mark } from "./marks.ts";
import { linear, roundUp, ticks, type Scale } from "./scale.ts";
import { element, pathThrough, svgText, textAt, type Svg } from "./svg.ts";

/** Points of a line: minute from the change, and a value. */
export type Line = readonly (readonly [number, number])[];

export interface NamedLine {
  readonly name: string;
  readonly line: Line;
}

/** Everything that a chart of a run shows. Minutes count from the change. */
export interface RunChart {
  readonly title: string;
  readonly subtitle: string;
  /** Requests a second to each upstream; absent where they were not recorded. */
  readonly upstreams: readonly NamedLine[];
  /** Of each route's requests, the share that failed, 0..1: on a scale of its own, a route of few requests is seen as well. */
  readonly routes: readonly NamedLine[];
  readonly alerts: readonly {
    readonly name: string;
    readonly severity: string;
    readonly from: number;
    /** Null: it still fired at the end. */
    readonly to: number | null;
  }[];
  readonly marks: readonly Mark[];
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Until then the lab was coming up, and its failures say nothing. */
  readonly steadyMinute: number;
}

export const WIDTH = 1200;
const LEFT = 190;
const RIGHT = 44;
const TOP = 96;
const TRAFFIC = 200;
const FAILED = 120;
const ROW = 22;
const GAP = 44;
const LIST_LINE = 19;
const CHARACTERS_A_LINE = 150;

/** Greys and colours that are distinct on white and on black, also for people who see fewer of them. */
const INK = "#6e7681";
const FAINT = "#8b949e55";
const RED = "#d1495b";
const AMBER = "#d18616";
const COLOURS = [
  "#4e79a7",
  "#59a14f",
  "#b07aa1",
  "#76b7b2",
  "#edc948",
  "#9c755f",
  "#a0cbe8",
  "#8cd17d",
  "#d4a6c8",
  "#bab0ac",
];
const ROUTES = ["#d1495b", "#3b82f6", "#d18616", "#57ab5a", "#8b5cf6", "#0e7490"];
const LANE_COLOURS = { changes: AMBER, steps: "#3b82f6", users: "#57ab5a" } as const satisfies Record<
  Lane,
  string
>;
const FONT = "system-ui, sans-serif";

const colourOf = (colours: readonly string[], i: number): string => colours[i % colours.length] ?? INK;

/** One time axis for all panels of a chart. */
interface Frame {
  readonly x: Scale;
  readonly minutes: readonly number[];
  /** Minutes at which something was changed or done: a guide through the panels of figures. */
  readonly guides: readonly number[];
}

/** A panel and the height that it takes. */
interface Panel {
  readonly heading: string;
  readonly height: number;
  draw(top: number): Svg[];
}

/**
 * A run as one SVG document that needs nothing else: traffic by upstream, failures by route, alerts and marks over one time axis,
 * and a list of the marks. The same facts give the same text.
 */
export function drawRun(chart: RunChart): string {
  const margin = (chart.toMinute - chart.fromMinute) * 0.015;
  const x = linear({ min: chart.fromMinute - margin, max: chart.toMinute }, LEFT, WIDTH - RIGHT);
  const frame: Frame = {
    x,
    minutes: ticks(chart.fromMinute, chart.toMinute, 8),
    guides: chart.marks
      .filter(({ event }) => event === "change" || event === "action" || event === "outside")
      .map(({ minute }) => minute),
  };
  const panels = [
    ...(chart.upstreams.length === 0 ? [] : [trafficPanel(chart, frame)]),
    failurePanel(chart, frame),
    alertPanel(chart, frame),
    markPanel(chart, frame),
  ];
  const drawn: Svg[] = [];
  let top = TOP;
  for (const panel of panels) {
    drawn.push(
      textAt(16, top - 10, panel.heading, { "font-weight": 600, "font-size": 13 }),
      ...panel.draw(top),
    );
    top += panel.height + GAP;
  }
  const listTop = top + 14;
  drawn.push(
    textAt((LEFT + WIDTH - RIGHT) / 2, top - GAP + 36, "minutes from the change", {
      "text-anchor": "middle",
    }),
  );
  drawn.push(...chart.marks.flatMap((mark, i) => listLine(mark, listTop + i * LIST_LINE + 12)));
  const height = listTop + chart.marks.length * LIST_LINE + 16;
  return svgText(
    element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        width: WIDTH,
        height,
        viewBox: `0 0 ${WIDTH} ${height}`,
        role: "img",
        "aria-label": `${chart.title}. ${chart.subtitle}`,
        "font-family": FONT,
        "font-size": 12,
        fill: INK,
      },
      textAt(16, 30, chart.title, { "font-size": 17, "font-weight": 600 }),
      textAt(16, 52, chart.subtitle),
      ...drawn,
    ),
  );
}

/** Grid, frame and labels of one panel; `y` is absent where rows have names. */
function axes(
  { x, minutes, guides }: Frame,
  top: number,
  height: number,
  y?: { readonly scale: Scale; label(value: number): string },
): Svg[] {
  const vertical = (minute: number, attributes: Readonly<Record<string, string | number>>): Svg =>
    element("path", { d: `M${x(minute)} ${top}V${top + height}`, ...attributes });
  const horizontal = y === undefined ? [] : ticks(y.scale.min, y.scale.max, height > 150 ? 5 : 4);
  return [
    ...minutes.map((minute) => vertical(minute, { stroke: FAINT })),
    ...horizontal.map((value) =>
      element("path", { d: `M${LEFT} ${y?.scale(value) ?? 0}H${WIDTH - RIGHT}`, stroke: FAINT }),
    ),
    ...horizontal.map((value) =>
      textAt(LEFT - 8, (y?.scale(value) ?? 0) + 4, y?.label(value) ?? "", { "text-anchor": "end" }),
    ),
    ...(y === undefined
      ? []
      : guides.map((minute) => vertical(minute, { stroke: INK, "stroke-dasharray": "4 3" }))),
    ...minutes.map((minute) =>
      textAt(x(minute), top + height + 16, String(minute), { "text-anchor": "middle" }),
    ),
  ];
}

/** What is before steady state is greyed out, and says why. */
function comingUp({ fromMinute, steadyMinute }: RunChart, { x }: Frame, top: number, height: number): Svg[] {
  if (steadyMinute <= fromMinute) return [];
  const [left, right] = [x(x.min), x(steadyMinute)];
  return [
    element("rect", { x: left, y: top, width: right - left, height, fill: "#8b949e", "fill-opacity": 0.25 }),
    textAt(left + 3, top + 12, "coming up", { "font-size": 10 }),
  ];
}

function legend(names: readonly string[], colours: readonly string[], top: number): Svg[] {
  const entries: Svg[] = [];
  let right = WIDTH - RIGHT;
  for (const [i, name] of [...names.entries()].reverse()) {
    right -= 8 + 7 * name.length;
    entries.push(textAt(right, top - 10, name));
    right -= 18;
    entries.push(
      element("rect", { x: right, y: top - 20, width: 12, height: 12, rx: 3, fill: colourOf(colours, i) }),
    );
    right -= 4;
  }
  return entries;
}

function trafficPanel(chart: RunChart, frame: Frame): Panel {
  const { upstreams } = chart;
  const stacked: (readonly [number, number, number])[][] = [];
  const totals = new Map<number, number>();
  for (const { line } of upstreams)
    stacked.push(
      line.map(([minute, value]) => {
        const below = totals.get(minute) ?? 0;
        totals.set(minute, below + value);
        return [minute, below, below + value];
      }),
    );
  return {
    heading: "Traffic by upstream, requests/s",
    height: TRAFFIC,
    draw(top) {
      const most = roundUp(Math.max(0, ...totals.values()));
      const y = linear({ min: 0, max: most }, top + TRAFFIC, top);
      const areas = stacked.map((points, i) => {
        const upper = points.map(([minute, , value]) => [frame.x(minute), y(value)] as const);
        const lower = points.map(([minute, value]) => [frame.x(minute), y(value)] as const).reverse();
        const fill = colourOf(COLOURS, i);
        return element("path", {
          d: pathThrough([...upper, ...lower], true),
          fill,
          "fill-opacity": 0.8,
          stroke: fill,
        });
      });
      return [
        ...areas,
        ...axes(frame, top, TRAFFIC, { scale: y, label: String }),
        ...comingUp(chart, frame, top, TRAFFIC),
        ...legend(
          upstreams.map(({ name }) => name),
          COLOURS,
          top,
        ),
      ];
    },
  };
}

function failurePanel(chart: RunChart, frame: Frame): Panel {
  return {
    heading: "Failed requests of each route, %",
    height: FAILED,
    draw(top) {
      const y = linear({ min: 0, max: 1 }, top + FAILED, top);
      const lines = chart.routes.map(({ line }, i) =>
        element("path", {
          d: pathThrough(line.map(([minute, value]) => [frame.x(minute), y(value)])),
          fill: "none",
          stroke: colourOf(ROUTES, i),
          "stroke-width": 1.8,
          "stroke-linejoin": "round",
        }),
      );
      return [
        ...axes(frame, top, FAILED, { scale: y, label: (ratio) => String(Math.round(ratio * 100)) }),
        ...lines,
        ...comingUp(chart, frame, top, FAILED),
        ...legend(
          chart.routes.map(({ name }) => name),
          ROUTES,
          top,
        ),
      ];
    },
  };
}

function alertPanel({ alerts }: RunChart, frame: Frame): Panel {
  const names = [...new Set(alerts.map(({ name }) => name))];
  const height = Math.max(1, names.length) * ROW;
  return {
    heading: "Alerts: red pages, amber informs",
    height,
    draw(top) {
      const middle = (row: number): number => top + row * ROW + ROW / 2;
      const bars = alerts.map(({ name, severity, from, to }) => {
        const [left, right] = [frame.x(from), frame.x(to ?? frame.x.max)];
        return element("rect", {
          x: left,
          y: middle(names.indexOf(name)) - 6,
          width: Math.max(2, right - left),
          height: 12,
          rx: 2,
          fill: severity === "page" ? RED : AMBER,
        });
      });
      const labels = (names.length === 0 ? ["none"] : names).map((name, row) =>
        textAt(LEFT - 8, middle(row) + 4, name, { "text-anchor": "end" }),
      );
      return [...axes(frame, top, height), ...bars, ...labels];
    },
  };
}

function markPanel({ marks }: RunChart, frame: Frame): Panel {
  const row = ROW + 4;
  const height = LANES.length * row;
  return {
    heading: "Changes, steps, users",
    height,
    draw(top) {
      const pixelsPerMinute = (WIDTH - LEFT - RIGHT) / Math.max(1e-9, frame.x.max - frame.x.min);
      const pills = groupMarks(marks, pixelsPerMinute).flatMap(({ lane, minute, label }) => {
        const width = markWidth(label);
        const left = frame.x(minute) - MARK_LEFT;
        const y = top + LANES.indexOf(lane) * row + row / 2;
        return [
          element("rect", { x: left, y: y - 9, width, height: 18, rx: 9, fill: LANE_COLOURS[lane] }),
          textAt(left + width / 2, y + 4, label, {
            "text-anchor": "middle",
            fill: "#fff",
            "font-size": 11,
            "font-weight": 600,
          }),
        ];
      });
      const labels = LANES.map((lane, i) =>
        textAt(LEFT - 8, top + i * row + row / 2 + 4, lane, { "text-anchor": "end" }),
      );
      return [...axes(frame, top, height), ...pills, ...labels];
    },
  };
}

function listLine({ number, minute, lane, text }: Mark, y: number): Svg[] {
  const fill = LANE_COLOURS[lane];
  return [
    textAt(38, y, String(number), { "text-anchor": "end", fill }),
    textAt(96, y, minute.toFixed(2), { "text-anchor": "end" }),
    textAt(108, y, lane, { fill }),
    textAt(170, y, shortened(text)),
  ];
}

const shortened = (words: string): string =>
  words.length > CHARACTERS_A_LINE ? `${words.slice(0, CHARACTERS_A_LINE - 1)}…` : words;
