import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { UsersPoint } from "../console-state.ts";
import { clockTime, milliseconds, percent } from "../parts/figures.ts";
import { useWidthOf } from "../parts/width-of.ts";
import {
  ceilingOf,
  cursorAfter,
  evenly,
  lineOf,
  peaks,
  ticksOf,
  xOf,
  type Frame,
  type Sample,
} from "./chart.ts";
import { rowsOf, type Mark } from "./marks.ts";

/** Until its place is measured. */
const WIDTH = 820;
const LEFT = 112;
const RIGHT = 58;
const TOP = 26;
const ROW = 38;
const MOST_POINTS = 300;
const MOST_ROWS = 25;

interface Figure {
  readonly label: string;
  readonly hurts: boolean;
  readonly of: (point: UsersPoint) => number | undefined;
  readonly text: (value: number | undefined) => string;
  readonly least: number;
}

const ratio = (value: number | undefined): string => (value === undefined ? "–" : percent(value));
const FIGURES: readonly Figure[] = [
  { label: "failed", hurts: true, of: (p) => p.failedRatio, text: ratio, least: 0.02 },
  { label: "affected users", hurts: true, of: (p) => p.affectedRatio, text: ratio, least: 0.02 },
  {
    label: "p95",
    hurts: false,
    of: (p) => p.p95Ms,
    text: milliseconds,
    least: 100,
  },
  {
    label: "load",
    hurts: false,
    of: (p) => p.requestsPerSecond,
    text: (value) => (value === undefined ? "–" : `${value.toFixed(0)} /s`),
    least: 10,
  },
];
const HEIGHT = TOP + FIGURES.length * ROW + 16;

interface UsersChartProps {
  readonly points: readonly UsersPoint[];
  readonly marks: readonly Mark[];
}

/** What users felt, over time: four lines over one axis, a cursor for keys and pointer, and the same as a table. */
export function UsersChart({ points, marks }: UsersChartProps) {
  /** Epoch ms: points come and go, and the moment stays. */
  const cursor = useSignal<number | undefined>(undefined);
  const isTable = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  // As wide as it is shown: a picture that is scaled has letters that nobody can read.
  const width = useWidthOf(place, WIDTH);
  const latest = points.at(-1);
  const moment = cursor.value;
  const found = moment === undefined ? -1 : points.findIndex((one) => one.at >= moment);
  const at = found < 0 ? undefined : found;
  const point = points[found];
  const frame: Frame = {
    from: points[0]?.at ?? 0,
    to: latest?.at ?? 1,
    left: LEFT,
    width: width - LEFT - RIGHT,
  };
  const shownMarks = marks.filter((mark) => mark.at >= frame.from && mark.at <= frame.to);
  function onKeyDown(event: KeyboardEvent): void {
    const next = event.key === "Escape" ? undefined : cursorAfter(event.key, at, points.length);
    if (next === undefined && event.key !== "Escape") return;
    event.preventDefault();
    cursor.value = next === undefined ? undefined : points[next]?.at;
  }
  function onPointerMove(event: PointerEvent & { readonly currentTarget: Element }): void {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const under = frame.from + ((x - LEFT) / frame.width) * (frame.to - frame.from);
    cursor.value = x < LEFT || under > frame.to ? undefined : under;
  }
  return (
    <figure>
      <figcaption>
        <span class="soft">
          Four figures over time, UTC. Arrow keys move a cursor. Since {clockTime(frame.from)}
        </span>
      </figcaption>
      <div
        ref={place}
        class="users-chart"
        tabIndex={0}
        role="group"
        aria-label="What users felt over time"
        aria-describedby="users-cursor"
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => void (cursor.value = undefined)}
      >
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" aria-hidden="true">
          <Marks marks={shownMarks} frame={frame} />
          {FIGURES.map((figure, i) => (
            <Line
              key={figure.label}
              figure={figure}
              points={points}
              frame={frame}
              top={TOP + i * ROW}
              now={point ?? latest}
            />
          ))}
          {ticksOf(frame, width < 640 ? 4 : 6).map((tick) => (
            <text key={tick} class="s" x={xOf(frame, tick)} y={HEIGHT - 3} text-anchor="middle">
              {clockTime(tick)}
            </text>
          ))}
          {point && <path class="cursor" d={`M${xOf(frame, point.at)} ${TOP - 6}V${HEIGHT - 14}`} />}
        </svg>
      </div>
      <p id="users-cursor" class="users-live soft" aria-live="polite">
        {point ? sentenceOf(point, shownMarks) : "The latest figures; no cursor."}
      </p>
      <details open={isTable.value} onToggle={(e) => void (isTable.value = e.currentTarget.open)}>
        <summary>As a table</summary>
        {isTable.value && <Table points={evenly(points, MOST_ROWS)} marks={shownMarks} />}
      </details>
    </figure>
  );
}

const sentenceOf = (point: UsersPoint, marks: readonly Mark[]): string => {
  const near = marks
    .filter(({ at }) => Math.abs(at - point.at) < 1000)
    .map(({ kind, text }) => `${kind}: ${text}`);
  return [
    `${clockTime(point.at)} UTC:`,
    FIGURES.map(({ label, of, text }) => `${label} ${text(of(point))}`).join(", "),
    ...near.map((text) => `· ${text}`),
  ].join(" ");
};

interface LineProps {
  readonly figure: Figure;
  readonly points: readonly UsersPoint[];
  readonly frame: Frame;
  readonly top: number;
  readonly now: UsersPoint | undefined;
}

function Line({ figure: { label, hurts, of, text, least }, points, frame, top, now }: LineProps) {
  const samples = points.map((point): Sample => ({ at: point.at, value: of(point) }));
  const ceiling = ceilingOf(
    samples.map(({ value }) => value),
    least,
  );
  const base = top + ROW - 6;
  const value = now && of(now);
  const isBad = hurts && (value ?? 0) > 0;
  return (
    <g>
      <text class="s" x="0" y={top + 12}>
        {label}
      </text>
      <text class={isBad ? "h bad" : "h"} x="0" y={top + 27}>
        {isBad && "◆ "}
        {text(value)}
      </text>
      <path class="edge" d={`M${LEFT} ${base}H${LEFT + frame.width}`} />
      <path
        class={hurts ? "line hurts" : "line"}
        d={lineOf(peaks(samples, MOST_POINTS), frame, { top: top + 2, base, ceiling })}
      />
      <text class="s" x={LEFT + frame.width + 6} y={top + 10}>
        {text(ceiling)}
      </text>
    </g>
  );
}

function Marks({ marks, frame }: { readonly marks: readonly Mark[]; readonly frame: Frame }) {
  const rows = rowsOf(
    marks.map(({ at, kind }) => ({ x: xOf(frame, at), width: 8 + kind.length * 6.5 })),
    2,
  );
  return (
    <>
      {marks.map(({ at, kind, text }, i) => {
        const x = xOf(frame, at);
        const row = rows[i];
        return (
          <g key={`${at} ${kind} ${text}`}>
            <title>{text}</title>
            <path class={`guide ${kind}`} d={`M${x} 2V${HEIGHT - 16}`} />
            {row !== undefined && (
              <text class={`s ${kind}`} x={x + 3} y={10 + row * 11}>
                {kind}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

const Table = ({ points, marks }: UsersChartProps) => (
  <>
    <table>
      <caption class="hidden">What users felt over time</caption>
      <thead>
        <tr>
          <th scope="col">UTC</th>
          {FIGURES.map(({ label }) => (
            <th key={label} scope="col" class="r">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.at}>
            <th scope="row">{clockTime(point.at)}</th>
            {FIGURES.map(({ label, of, text }) => (
              <td key={label} class="r">
                {text(of(point))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    <ul>
      {marks.map(({ at, kind, text }) => (
        <li key={`${at} ${kind} ${text}`}>
          {clockTime(at)} {kind}: {text}
        </li>
      ))}
    </ul>
  </>
);
