import { formatValue } from "../promql/number-text.ts";
import type { Value } from "../promql/query.ts";
import { parseDuration, parseNumber } from "../promql/literals.ts";

/** Numbers and times as Prometheus' HTTP API writes and reads them. */

type Point = readonly [number, string];

const point = (atMs: number, value: number): Point => [atMs / 1000, numberText(value)];

/** As Go writes them, whose exponents have two digits or more. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

const numberText = (value: number): string => exponent(formatValue(value));

/** As Prometheus' API writes the value of an alert: always with an exponent. */
export const alertValueText = (value: number): string =>
  Number.isFinite(value) ? exponent(value.toExponential()) : formatValue(value);

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

/** What a duration can be in Go: nanoseconds in 64 bits. */
const MAX_DURATION_MS = 9_223_372_036_854;

/** Seconds, or a duration as `5m`, in ms; undefined for what is neither, or longer than 292 years. */
export function parseStep(text: string): number | undefined {
  const ms = parseDuration(text) ?? (parseNumber(text) ?? Number.NaN) * 1000;
  return Math.abs(ms) <= MAX_DURATION_MS ? ms : undefined;
}

/** `1m30s`, as Prometheus writes durations. */
export function durationText(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * length;
  }
  return parts.join("") || "0s";
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;
