import type { HistoryPoint, SandboxSideView } from "../../../lab/sandbox/sandbox.ts";
import { percent } from "../parts/figures.ts";
import { Region } from "../parts/region.tsx";
import { duration } from "./duration.ts";

const WIDTH = 380;
const HEIGHT = 88;
const LEFT = 52;
/** Between the names of two lines that end side by side. */
const APART = 11;
const SECONDS = 60;
const NAMES = ["A", "B"] as const;

interface Quantity {
  readonly title: string;
  readonly of: (point: HistoryPoint) => number | undefined;
  /** From 0 at the bottom to 1 at the top. */
  readonly height: (value: number) => number;
  readonly marks: readonly (readonly [value: number, text: string])[];
  readonly text: (value: number | undefined) => string;
}

/** Latencies are drawn by decades: a good side and a bad one are both to be read. */
const byDecade = (value: number): number => Math.min(1, Math.max(0, (Math.log10(value) - 1) / 3));
const MS_MARKS = [
  [10, "10 ms"],
  [100, "100 ms"],
  [1000, "1 s"],
  [10_000, "10 s"],
] as const;

const QUANTITIES: readonly Quantity[] = [
  { title: "p95", of: ({ p95Ms }) => p95Ms, height: byDecade, marks: MS_MARKS, text: duration },
  { title: "p99", of: ({ p99Ms }) => p99Ms, height: byDecade, marks: MS_MARKS, text: duration },
  {
    title: "failed",
    of: ({ failedRatio }) => failedRatio,
    height: (value) => value,
    marks: [
      [0, "0 %"],
      [0.5, "50 %"],
      [1, "100 %"],
    ],
    text: (value) => percent(value ?? 0),
  },
];

/** Both sides over the last minute, on one axis. */
export const Comparison = ({ sides }: { readonly sides: readonly SandboxSideView[] }) => (
  <Region name="Comparison" about="the last minute · A as a line, B dashed">
    <div class="inside charts">
      {QUANTITIES.map((quantity) => (
        <Chart key={quantity.title} quantity={quantity} sides={sides} />
      ))}
      <details>
        <summary>As a table</summary>
        <HistoryTable sides={sides} />
      </details>
    </div>
  </Region>
);

function Chart({
  quantity,
  sides,
}: {
  readonly quantity: Quantity;
  readonly sides: readonly SandboxSideView[];
}) {
  const { title, of, height, marks, text } = quantity;
  const last = Math.max(SECONDS, ...sides.map(({ history }) => history.at(-1)?.second ?? 0));
  const x = (second: number): number => LEFT + (1 - (last - second) / SECONDS) * (WIDTH - LEFT - 14);
  const y = (value: number): number => 6 + (1 - height(value)) * (HEIGHT - 12);
  const lines = sides.map(({ history }) => pointsOf(history, of, x, y));
  const nameYs = namePlaces(lines.map((points) => points.at(-1)?.[1]));
  const now = sides.map(
    ({ history }, i) => `${NAMES[i]} ${text(history.at(-1) && of(history.at(-1) as HistoryPoint))}`,
  );
  return (
    <figure>
      <figcaption>
        {title} <span class="soft">{now.join(", ")}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {marks.map(([value, label]) => (
          <g key={label}>
            <path class="edge" d={`M${LEFT} ${y(value).toFixed(1)}H${WIDTH}`} />
            <text x={LEFT - 6} y={(y(value) + 4).toFixed(1)} text-anchor="end">
              {label}
            </text>
          </g>
        ))}
        {lines.map((points, i) => (
          <SideLine key={NAMES[i]} name={NAMES[i] ?? ""} points={points} nameY={nameYs[i]} />
        ))}
      </svg>
    </figure>
  );
}

type Point = readonly [x: number, y: number];

const pointsOf = (
  history: readonly HistoryPoint[],
  of: Quantity["of"],
  x: (second: number) => number,
  y: (value: number) => number,
): readonly Point[] =>
  history.flatMap((point) => {
    const value = of(point);
    return value === undefined ? [] : [[x(point.second), y(value)] as const];
  });

/** Names that would lie over one another step apart, the higher line's upwards. */
function namePlaces([a, b]: readonly (number | undefined)[]): readonly (number | undefined)[] {
  if (a === undefined || b === undefined || Math.abs(a - b) >= APART) return [a, b];
  const lower = Math.min((a + b + APART) / 2, HEIGHT - 8);
  return a <= b ? [lower - APART, lower] : [lower, lower - APART];
}

interface SideLineProps {
  readonly name: string;
  readonly points: readonly Point[];
  readonly nameY: number | undefined;
}

function SideLine({ name, points, nameY }: SideLineProps) {
  const end = points.at(-1);
  if (!end || nameY === undefined) return null;
  return (
    <g class={`side-${name.toLowerCase()}`}>
      <path d={`M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`} />
      <text class="h" x={end[0] + 3} y={nameY + 4}>
        {name}
      </text>
    </g>
  );
}

/** Every tenth second. */
const HistoryTable = ({ sides }: { readonly sides: readonly SandboxSideView[] }) => {
  const seconds = (sides[0]?.history ?? []).map(({ second }) => second).filter((second) => second % 10 === 0);
  const at = (side: SandboxSideView, second: number): HistoryPoint | undefined =>
    side.history.find((point) => point.second === second);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">second</th>
          {QUANTITIES.flatMap(({ title }) =>
            sides.map((_, i) => (
              <th key={`${title} ${NAMES[i]}`} scope="col" class="r">
                {title} {NAMES[i]}
              </th>
            )),
          )}
        </tr>
      </thead>
      <tbody>
        {seconds.map((second) => (
          <tr key={second}>
            <th scope="row">{second}</th>
            {QUANTITIES.flatMap(({ title, of, text }) =>
              sides.map((side, i) => {
                const point = at(side, second);
                return (
                  <td key={`${title} ${NAMES[i]}`} class="r">
                    {text(point && of(point))}
                  </td>
                );
              }),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
};
