import type { CustomSeriesOption, EChartsOption, LineSeriesOption } from "echarts";
import type { AlertSpan } from "../alert-spans.ts";
import { groupMarks, LANES, MARK_LEFT, markWidth, type Mark } from "./marks.ts";
import type { Line, Rates } from "./rates.ts";

/** Everything that a chart of a simulation shows. Minutes count from the change. */
export interface ChartFacts {
  readonly title: string;
  readonly subtitle: string;
  readonly rates: Rates;
  readonly alerts: readonly (Pick<AlertSpan, "name" | "severity"> & {
    readonly from: number;
    /** Null: it still fired at the end. */
    readonly to: number | null;
  })[];
  readonly marks: readonly Mark[];
  readonly toMinute: number;
}

export const WIDTH = 1200;
const LEFT = 190;
const RIGHT = 44;
const TOP = 96;
const TRAFFIC = 200;
const FAILED = 110;
const ROW = 22;
const GAP = 44;
const LIST_LINE = 19;
const CHARACTERS_A_LINE = 150;

/** Greys and colours that can be told apart on white and on black. */
const INK = "#6e7681";
const FAINT = "#8b949e55";
const RED = "#e5534b";
const AMBER = "#d18616";
const BLUE = "#3b82f6";
const UPSTREAMS = [
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
const LANE_COLOURS = { changes: AMBER, steps: BLUE, users: "#57ab5a" } as const;
const FONT = "system-ui, sans-serif";

/** An ECharts option, and the height it needs: traffic, failures, alerts and marks over one time axis, and a list of the marks. */
export function chartOption({ title, subtitle, rates, alerts, marks, toMinute }: ChartFacts): {
  readonly option: EChartsOption;
  readonly height: number;
} {
  const names = [...new Set(alerts.map(({ name }) => name))];
  const heights = [TRAFFIC, FAILED, Math.max(1, names.length) * ROW, LANES.length * (ROW + 4)];
  const tops = heights.map((_, i) => heights.slice(0, i).reduce((sum, one) => sum + one + GAP, TOP));
  const listTop = (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0) + 62;
  // Room for a mark at the very beginning.
  const margin = (toMinute - rates.fromMinute) * 0.015;
  const span = { min: rates.fromMinute - margin, max: toMinute };
  const groups = groupMarks(marks, (WIDTH - LEFT - RIGHT) / (span.max - span.min));
  const text = { color: INK, fontFamily: FONT, fontSize: 12 } as const;
  const heading = (index: number, words: string) => ({
    type: "text" as const,
    left: 16,
    top: (tops[index] ?? 0) - 20,
    style: { text: words, fill: INK, font: `600 13px ${FONT}` },
  });

  const upstreams = rates.upstreams.map(({ name, line }, i): LineSeriesOption => ({
    ...area(line, UPSTREAMS[i % UPSTREAMS.length] ?? INK),
    name,
    stack: "traffic",
    xAxisIndex: 0,
    yAxisIndex: 0,
  }));
  const failures: LineSeriesOption = {
    ...area(rates.failed, RED),
    name: "failed",
    xAxisIndex: 1,
    yAxisIndex: 1,
  };
  const moments = marks.filter(({ lane, text: words }) => lane === "changes" || words.startsWith("action: "));
  const guides = { silent: true, symbol: "none", label: { show: false }, animation: false };
  for (const line of [upstreams[0], failures])
    if (line)
      line.markLine = {
        ...guides,
        lineStyle: { color: INK, type: "dashed", width: 1 },
        data: moments.map(({ minute }) => ({ xAxis: minute })),
      };

  const bars: CustomSeriesOption = {
    type: "custom",
    name: "alerts",
    xAxisIndex: 2,
    yAxisIndex: 2,
    data: alerts.map(({ name, severity, from, to }) => ({
      value: [from, to ?? span.max, names.indexOf(name)],
      itemStyle: { color: severity === "page" ? RED : AMBER },
    })),
    renderItem(_params, api) {
      const [left = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
      const [right = 0] = api.coord([api.value(1), api.value(2)]);
      return {
        type: "rect",
        shape: { x: left, y: y - 6, width: Math.max(2, right - left), height: 12, r: 2 },
        style: { fill: api.visual("color") as string },
      };
    },
  };
  const pills: CustomSeriesOption = {
    type: "custom",
    name: "marks",
    xAxisIndex: 3,
    yAxisIndex: 3,
    data: groups.map(({ lane, minute }) => [minute, LANES.indexOf(lane)]),
    renderItem(params, api) {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
      const group = groups[params.dataIndex];
      const width = markWidth(group?.label ?? "");
      return {
        type: "group",
        children: [
          {
            type: "rect",
            shape: { x: x - MARK_LEFT, y: y - 9, width, height: 18, r: 9 },
            style: { fill: group ? LANE_COLOURS[group.lane] : INK },
          },
          {
            type: "text",
            style: {
              text: group?.label ?? "",
              x: x - MARK_LEFT + width / 2,
              y,
              align: "center",
              verticalAlign: "middle",
              fill: "#fff",
              font: `600 11px ${FONT}`,
            },
          },
        ],
      };
    },
  };

  const axis = (index: number) => ({
    type: "value" as const,
    gridIndex: index,
    ...span,
    axisLine: { onZero: false, lineStyle: { color: FAINT } },
    axisLabel: { ...text, showMinLabel: false, showMaxLabel: false },
    splitLine: { lineStyle: { color: FAINT } },
    ...(index === 3
      ? { name: "minutes from the change", nameLocation: "middle" as const, nameGap: 28, nameTextStyle: text }
      : {}),
  });
  const numbers = (index: number) => ({
    type: "value" as const,
    gridIndex: index,
    min: 0,
    splitNumber: index === 0 ? 4 : 2,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: text,
    splitLine: { lineStyle: { color: FAINT } },
  });
  const rows = (index: number, data: readonly string[]) => ({
    type: "category" as const,
    gridIndex: index,
    data: [...data],
    inverse: true,
    axisLabel: { ...text, interval: 0 },
    axisLine: { lineStyle: { color: FAINT } },
    axisTick: { show: false },
  });

  const option: EChartsOption = {
    animation: false,
    title: {
      text: title,
      subtext: subtitle,
      left: 16,
      top: 12,
      textStyle: { color: INK, fontFamily: FONT, fontSize: 17 },
      subtextStyle: text,
    },
    legend: {
      data: rates.upstreams.map(({ name }) => name),
      right: RIGHT,
      top: TOP - 26,
      icon: "roundRect",
      itemWidth: 12,
      itemHeight: 12,
      textStyle: text,
    },
    grid: heights.map((height, i) => ({ left: LEFT, right: RIGHT, top: tops[i] ?? 0, height })),
    xAxis: [0, 1, 2, 3].map(axis),
    yAxis: [numbers(0), numbers(1), rows(2, names.length === 0 ? ["none"] : names), rows(3, LANES)],
    series: [...upstreams, failures, bars, pills],
    graphic: [
      heading(0, "Traffic by upstream, requests/s"),
      heading(1, "Failed requests/s, users and load"),
      heading(2, "Alerts: red pages, amber informs"),
      heading(3, "Changes, the responder's steps, users"),
      ...marks.flatMap(({ number, minute, lane, text: words }, i) => {
        const cell = (x: number, content: string, align: "left" | "right", fill: string = INK) => ({
          type: "text" as const,
          x,
          y: listTop + i * LIST_LINE,
          style: { text: content, fill, align, font: `12px ${FONT}` },
        });
        return [
          cell(38, String(number), "right", LANE_COLOURS[lane]),
          cell(96, minute.toFixed(2), "right"),
          cell(108, lane, "left", LANE_COLOURS[lane]),
          cell(170, shortened(words), "left"),
        ];
      }),
    ],
  };
  return { option, height: listTop + marks.length * LIST_LINE + 16 };
}

const area = (line: Line, color: string): LineSeriesOption => ({
  type: "line",
  data: line.map(([minute, value]) => [minute, value]),
  symbol: "none",
  silent: true,
  lineStyle: { width: 1, color },
  itemStyle: { color },
  areaStyle: { color, opacity: 0.75 },
});

const shortened = (words: string): string =>
  words.length > CHARACTERS_A_LINE ? `${words.slice(0, CHARACTERS_A_LINE - 1)}…` : words;
