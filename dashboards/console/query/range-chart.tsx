import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clockTime } from "../parts/figures.ts";
import type { Lines } from "./answer-view.ts";
import { LinesTable } from "./lines-table.tsx";

interface RangeChartProps {
  readonly title: string;
  readonly lines: Lines;
}

/** Lines over time: a picture with a cursor that the arrow keys move, its figures as text, and all of it as a table. */
export function RangeChart({ title, lines }: RangeChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const at = useSignal<number | undefined>(undefined);
  const point = useRef<((index: number) => void) | undefined>(undefined);
  const last = lines.times.length - 1;
  useEffect(() => {
    let open = true;
    let close: (() => void) | undefined;
    async function draw(): Promise<void> {
      const { drawLines } = await import("./draw-lines.ts");
      if (!open || !host.current) return;
      const chart = drawLines(host.current, lines, (index) => void (at.value = index));
      point.current = chart.point;
      close = chart.close;
    }
    // Without the picture its table says the same.
    void draw().catch(() => undefined);
    return () => {
      open = false;
      close?.();
    };
  }, [lines]);
  function onKeyDown(event: KeyboardEvent): void {
    const now = at.value ?? last;
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    at.value = Math.min(Math.max(next, 0), last);
    point.current?.(at.value);
  }
  return (
    <figure class="chart">
      <figcaption>
        {title} <span class="soft">arrow keys move the cursor</span>
      </figcaption>
      <div
        ref={host}
        class="plot"
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={at.value ?? Math.max(0, last)}
        aria-valuetext={figuresAt(lines, at.value ?? last)}
        onKeyDown={onKeyDown}
      />
      <p class="mono soft" aria-live="polite">
        {figuresAt(lines, at.value ?? last)}
      </p>
      <details>
        <summary>As a table</summary>
        <LinesTable title={title} lines={lines} />
      </details>
    </figure>
  );
}

/** So many series are said in a line; the rest stands in the table. */
const SAID = 6;

function figuresAt({ times, series }: Lines, index: number): string {
  const time = times[index];
  if (time === undefined) return "no values";
  const figures = series.slice(0, SAID).map(({ name, values }) => `${name} ${figure(values[index])}`);
  const more = series.length > SAID ? `; and ${series.length - SAID} more` : "";
  return `${clockTime(time * 1000)} UTC: ${figures.join("; ")}${more}`;
}

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : String(Number(value.toPrecision(4)));
