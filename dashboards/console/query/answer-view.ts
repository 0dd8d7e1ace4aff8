import type { QueryAnswer } from "../../../lab/world/monitoring.ts";

/** A series as PromQL writes it: `up{job="lb"}`. */
export function seriesText(metric: Readonly<Record<string, string>>): string {
  const { __name__: name = "", ...labels } = metric;
  const inner = Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(", ");
  return inner === "" && name !== "" ? name : `${name}{${inner}}`;
}

/** A value for people: six digits are enough, and what is no number stays the word that Prometheus has for it. */
export function valueText(value: string): string {
  const number = Number(value);
  return value === "" || !Number.isFinite(number) ? value : String(Number(number.toPrecision(6)));
}

/** An answer of one moment, a row for each series. */
export function rowsOf(answer: QueryAnswer): readonly { readonly series: string; readonly value: string }[] {
  switch (answer.resultType) {
    case "vector":
      return answer.result.map(({ metric, value }) => ({ series: seriesText(metric), value: value[1] }));
    case "matrix":
      return answer.result.map(({ metric, values }) => ({
        series: seriesText(metric),
        value: values.at(-1)?.[1] ?? "",
      }));
    case "scalar":
    case "string":
      return [{ series: answer.resultType, value: answer.result[1] }];
  }
}

/** An answer over a range: its times (epoch seconds), and for each series a value at each time or null. */
export interface Lines {
  readonly times: readonly number[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export function linesOf(answer: QueryAnswer & { readonly resultType: "matrix" }): Lines {
  const times = [...new Set(answer.result.flatMap(({ values }) => values.map(([at]) => at)))].sort(
    (a, b) => a - b,
  );
  const series = answer.result.map(({ metric, values }) => {
    const byTime = new Map(values);
    return { name: seriesText(metric), values: times.map((time) => finite(byTime.get(time))) };
  });
  return { times, series };
}

function finite(value: string | undefined): number | null {
  const number = Number(value);
  return value === undefined || !Number.isFinite(number) ? null : number;
}

/** Where an expression was refused, by the place that its message names; undefined where it names none. */
export function placeOfFault(
  message: string,
): { readonly line: number; readonly column: number } | undefined {
  const [, line, column] = /(?:^|[\s(])(\d+):(\d+)(?=[:)])/.exec(message) ?? [];
  return line === undefined || column === undefined
    ? undefined
    : { line: Number(line), column: Number(column) };
}
