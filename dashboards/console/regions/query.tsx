import { useSignal, type Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { CodeField } from "../editor/code-field.tsx";
import type { MountedEditor, TextPlace } from "../editor/mounted-editor.ts";
import { Action } from "../parts/action.tsx";
import { Region } from "../parts/region.tsx";
import { linesOf, placeOfFault, rowsOf, valueText } from "../query/answer-view.ts";
import { createLabMetrics } from "../query/lab-metrics.ts";
import { RangeChart } from "../query/range-chart.tsx";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import type { QueryAnswer } from "../../../lab/world/monitoring.ts";
import { messageOf } from "../../../runtime/errors.ts";

const FIRST = "sum by (upstream) (rate(lb_upstream_requests_total[15s]))";
/** Seconds; 0 is this moment. */
const RANGES = [0, 60, 300, 900, 3600] as const;
const rangeText = (seconds: number): string =>
  seconds === 0 ? "now" : seconds < 3600 ? `last ${seconds / 60} min` : `last ${seconds / 3600} h`;

interface Asked {
  readonly query: string;
  readonly answer: QueryAnswer;
}

/** PromQL with completion: a table of this moment, or a chart of the last while. */
export function Query({ trainee }: { readonly trainee: Trainee }) {
  const query = useSignal(FIRST);
  const range = useSignal(0);
  const asked = useSignal<Asked | undefined>(undefined);
  const fault = useSignal<{ readonly message: string; readonly place: TextPlace | undefined } | undefined>(
    undefined,
  );
  const editor = useRef<MountedEditor | undefined>(undefined);
  async function ask(): Promise<void> {
    const text = query.value;
    try {
      const answer = await trainee.query({
        query: text,
        ...(range.value === 0 ? {} : { range: range.value }),
      });
      asked.value = { query: text, answer };
      fault.value = undefined;
    } catch (error) {
      const message = messageOf(error);
      const place = placeOfFault(message);
      fault.value = { message, place };
      if (place) editor.current?.mark({ ...place, message });
    }
  }
  const command = `query ${quoted(query.value)}${range.value === 0 ? "" : ` --range ${range.value}s`}`;
  return (
    <Region name="Query" about={rangeText(range.value)} command="query 'PROMQL'">
      <form
        class="inside stack"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <CodeField
          label="PromQL"
          text={query}
          rows={3}
          mount={(kit, place) =>
            kit.mountPromql(place, createLabMetrics(behind(trainee), Date.now), () => void ask())
          }
          onEditor={(mounted) => void (editor.current = mounted)}
        />
        <p class="line">
          <RangeChoice range={range} />
          <Action main title={`npx lblab ${command}`} run={ask}>
            Ask
          </Action>
        </p>
        <p class="soft">
          <code>npx lblab {command}</code>
        </p>
        {fault.value !== undefined && (
          <p class="bad" role="status">
            {fault.value.message}{" "}
            {fault.value.place !== undefined && (
              <button
                type="button"
                class="plain"
                onClick={() => fault.value?.place && editor.current?.goTo(fault.value.place)}
              >
                go there
              </button>
            )}
          </p>
        )}
        {asked.value !== undefined && <Answer {...asked.value} />}
      </form>
    </Region>
  );
}

/** What completion asks is no look of the person who types. */
const behind = (trainee: Trainee) => (query: string) => trainee.query({ query }, { background: true });

/** One word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const RangeChoice = ({ range }: { readonly range: Signal<number> }) => (
  <label>
    over{" "}
    <select value={range.value} onChange={(e) => void (range.value = Number(e.currentTarget.value))}>
      {RANGES.map((seconds) => (
        <option key={seconds} value={seconds}>
          {rangeText(seconds)}
        </option>
      ))}
    </select>
  </label>
);

function Answer({ query, answer }: Asked) {
  if (answer.resultType === "matrix" && answer.result.length > 0)
    return <RangeChart title={query} lines={linesOf(answer)} />;
  const rows = rowsOf(answer);
  if (rows.length === 0) return <p role="status">No series match.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Answer">
      <table>
        <caption class="soft">{rows.length === 1 ? "1 series" : `${rows.length} series`}</caption>
        <thead>
          <tr>
            <th scope="col">series</th>
            <th scope="col" class="r">
              value
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ series, value }) => (
            <tr key={series}>
              <th scope="row" class="mono">
                {series}
              </th>
              <td class="r">{valueText(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
