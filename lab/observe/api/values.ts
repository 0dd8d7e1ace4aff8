import { formatValue } from "../promql/aggregate.ts";
import type { Value } from "../promql/query.ts";
import { parseDuration, parseNumber } from "../promql/literals.ts";

/** Numbers and times as Prometheus' HTTP API writes and reads them. */

type Point = readonly [number, string];

const point = (atMs: number, value: number): Point => [atMs / 1000, formatValue(value)];

/** The `data` of an answer to `/api/v1/query`. */
export function instantData(value: Value, atMs: number): unknown {
  switch (value.type) {
    case "scalar":
      return { resultType: "scalar", result: point(atMs, value.value) };
    case "string":
      return { resultType: "string", result: [atMs / 1000, value.value] };
    case "vector":
      return {
        resultType: "vector",
        result: value.samples.map(({ labels, value: number }) => ({
          metric: labels,
          value: point(atMs, number),
        })),
      };
    case "matrix":
      return { resultType: "matrix", result: value.series.map(matrixSeries) };
  }
}

export const matrixSeries = ({
  labels,
  points,
}: Extract<Value, { readonly type: "matrix" }>["series"][number]) => ({
  metric: labels,
  values: points.map(([atMs, value]) => point(atMs, value)),
});

/** Seconds since the epoch or RFC 3339, in epoch ms; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text) * 1000;
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** Seconds, or a duration as `5m`, in ms; undefined for anything else and for nothing at all. */
export function parseStep(text: string): number | undefined {
  const ms = parseDuration(text) ?? (parseNumber(text) ?? Number.NaN) * 1000;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}
