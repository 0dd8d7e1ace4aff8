import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { QueryError, type QueryEngine, type Value } from "../../lab/observe/promql/query.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import { parseSeries } from "../../lab/observe/scrape/exposition.ts";
import { parseSeriesNotation } from "./series-notation.ts";

/** Epoch ms of the first sample. */
const START = Date.UTC(2026, 0, 1);

/** An engine over these series in promtool's notation, a sample a second, and the moment of the given second. */
export function engineOver(series: Readonly<Record<string, string>>): {
  readonly engine: QueryEngine;
  /** Elements as `name{a="b"} 1`, in the order of the result; a plain number of a scalar. */
  readonly ask: (expression: string, second: number) => readonly string[];
} {
  const store = createSampleStore({ retentionMs: 3_600_000, maxSeries: 1000 });
  for (const [text, values] of Object.entries(series)) {
    const writer = store.series(parseSeries(text));
    parseSeriesNotation(values).forEach((value, i) => {
      if (value === "stale") writer?.stale(START + i * 1000);
      else if (value !== undefined) writer?.append(START + i * 1000, value);
    });
  }
  const engine = createQueryEngine(store);
  return {
    engine,
    ask: (expression, second) => linesOf(engine.compile(expression).at(START + second * 1000)),
  };
}

/** `line:column: message` of why it is refused; the empty text when it is not. */
export function refusalOf(refused: () => unknown): string {
  try {
    refused();
    return "";
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return `${error.line}:${error.column}: ${error.message}`;
  }
}

function linesOf(value: Value): readonly string[] {
  switch (value.type) {
    case "scalar":
      return [String(value.value)];
    case "string":
      return [value.value];
    case "vector":
      return value.samples.map(({ labels, value }) => `${nameOf(labels)} ${round(value)}`);
    case "matrix":
      return value.series.map(
        ({ labels, points }) => `${nameOf(labels)} ${points.map(([, v]) => round(v)).join(" ")}`,
      );
  }
}

function nameOf({ __name__: name = "", ...labels }: Readonly<Record<string, string>>): string {
  const inside = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${inside.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(",")}}`;
}

/** Nine digits are enough to distinguish a wrong result from a rounding. */
const round = (value: number): number => Number(value.toPrecision(9));
