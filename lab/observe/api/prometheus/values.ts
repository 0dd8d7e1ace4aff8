import { formatValue } from "../../promql/number-text.ts";
import type { Value } from "../../promql/query.ts";
import { parseDuration, parseNumber } from "../../promql/literals.ts";

/** Numbers and times as Prometheus' HTTP API writes and reads them. */

type Point = readonly [number, string];

const point = (atMs: number, value: number): Point => [atMs / 1000, numberText(value)];

/** As Go writes them, whose exponents have two digits or more. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

export const numberText = (value: number): string => exponent(formatValue(value));

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

const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Seconds since the epoch or RFC 3339, in whole epoch ms, as everything is stored; undefined for anything else, such as
 * days that no calendar has.
 */
export function parseTime(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    const seconds = Number(text);
    const whole = Math.trunc(seconds);
    // A zero has no sign here.
    const ms = whole * 1000 + Math.round((seconds - whole) * 1000) + 0;
    return Number.isFinite(ms) ? ms : undefined;
  }
  const [, day] = RFC_3339.exec(text) ?? [];
  // Date reads a 30th of February as another day.
  if (day === undefined || !sameDay(day)) return undefined;
  return Math.floor(Date.parse(text.replace(",", ".")));
}

function sameDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

/** Limit of a duration in Go: nanoseconds in 64 bits. */
const MAX_DURATION_MS = 9_223_372_036_854;

/** Seconds, or a duration as `5m`, in ms; undefined for anything else, or more than 292 years. */
export function parseStep(text: string): number | undefined {
  const ms = parseDuration(text) ?? (parseNumber(text) ?? Number.NaN) * 1000;
  return Math.abs(ms) <= MAX_DURATION_MS ? ms : undefined;
}
