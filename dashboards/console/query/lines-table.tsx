import { useSignal } from "@preact/signals";
import { clockTime } from "../parts/figures.ts";
import type { Lines } from "./answer-view.ts";

const ROWS = 25;

/** The figures of a chart, a row for each time, latest first. */
export function LinesTable({ title, lines }: { readonly title: string; readonly lines: Lines }) {
  const page = useSignal(0);
  const rows = lines.times.map((time, index) => ({ time, index })).reverse();
  const pages = Math.max(1, Math.ceil(rows.length / ROWS));
  const shown = Math.min(page.value, pages - 1);
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
        <table>
          <thead>
            <tr>
              <th scope="col">UTC</th>
              {lines.series.map(({ name }) => (
                <th key={name} scope="col" class="r">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(shown * ROWS, (shown + 1) * ROWS).map(({ time, index }) => (
              <tr key={time}>
                <th scope="row">{clockTime(time * 1000)}</th>
                {lines.series.map(({ name, values }) => (
                  <td key={name} class="r">
                    {values[index] ?? "–"}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <p class="line">
          <button type="button" disabled={shown === 0} onClick={() => void (page.value = shown - 1)}>
            Later
          </button>
          <span>
            page {shown + 1} of {pages}
          </span>
          <button type="button" disabled={shown === pages - 1} onClick={() => void (page.value = shown + 1)}>
            Earlier
          </button>
        </p>
      )}
    </>
  );
}
