import type { SampleWindow } from "../samples.ts";
import { quantileWarning } from "./quantile-warning.ts";
import { meanOf, quantileOf, regression, sumOf, varianceOverTime } from "./sums.ts";

/** The range of a series that a function reads. Epoch ms. */
export interface Range {
  readonly startMs: number;
  readonly endMs: number;
  /** The moment of the evaluation, which an offset does not shift. */
  readonly atMs: number;
  readonly prometheus: 2 | 3;
}

/** The value for a series' samples of a range; undefined: the series is not in the result. The window is never empty. */
export type RangeFunction = (window: SampleWindow, range: Range) => number | undefined;

const first = ({ values }: SampleWindow): number => values[0] ?? Number.NaN;
const last = ({ values, count }: SampleWindow): number => values[count - 1] ?? Number.NaN;

/**
 * The increase of a counter, or the difference of a gauge, between the range's edges: what the samples show, extended to
 * each edge as far as the next sample could have been. As Prometheus' extrapolatedRate.
 */
function extrapolated(isCounter: boolean, perSecond: boolean): RangeFunction {
  return (window, { startMs, endMs, prometheus }) => {
    const { times, values, count } = window;
    if (count < 2) return undefined;
    let result = last(window) - first(window);
    if (isCounter)
      for (let i = 1; i < count; i++) {
        const before = values[i - 1] ?? 0;
        // A counter that fell was reset to 0.
        if ((values[i] ?? 0) < before) result += before;
      }
    const firstAt = times[0] ?? 0;
    const lastAt = times[count - 1] ?? 0;
    const sampled = (lastAt - firstAt) / 1000;
    const average = sampled / (count - 1);
    const threshold = average * 1.1;
    let toStart = (firstAt - startMs) / 1000;
    const toEnd = (endMs - lastAt) / 1000;
    // A counter cannot have begun below 0.
    const toZero =
      isCounter && result > 0 && first(window) >= 0 ? sampled * (first(window) / result) : Infinity;
    if (prometheus === 2) {
      toStart = Math.min(toStart, toZero);
      if (toStart >= threshold) toStart = average / 2;
    } else {
      if (toStart >= threshold) toStart = average / 2;
      toStart = Math.min(toStart, toZero);
    }
    const covered = sampled + toStart + (toEnd >= threshold ? average / 2 : toEnd);
    const factor = covered / sampled;
    return result * (perSecond ? factor / ((endMs - startMs) / 1000) : factor);
  };
}

function instant(isRate: boolean): RangeFunction {
  return ({ times, values, count }) => {
    if (count < 2) return undefined;
    const now = values[count - 1] ?? 0;
    const before = values[count - 2] ?? 0;
    const seconds = ((times[count - 1] ?? 0) - (times[count - 2] ?? 0)) / 1000;
    if (seconds === 0) return undefined;
    if (!isRate) return now - before;
    return (now < before ? now : now - before) / seconds;
  };
}

/** The sample that `isBetter` prefers; NaN only when there is no other. */
const best =
  (isBetter: (value: number, than: number) => boolean): RangeFunction =>
  ({ values, count }) => {
    let found = values[0] ?? Number.NaN;
    for (let i = 1; i < count; i++) {
      const value = values[i] ?? Number.NaN;
      if (Number.isNaN(found) || isBetter(value, found)) found = value;
    }
    return found;
  };

/** Counts the pairs of successive samples that pass the test. */
const pairs =
  (counts: (value: number, before: number) => boolean): RangeFunction =>
  ({ values, count }) => {
    let found = 0;
    for (let i = 1; i < count; i++) if (counts(values[i] ?? 0, values[i - 1] ?? 0)) found += 1;
    return found;
  };

/** Functions of one range vector. */
export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: instant(true),
  idelta: instant(false),
  changes: pairs((value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before))),
  resets: pairs((value, before) => value < before),
  deriv: (window) => (window.count < 2 ? undefined : regression(window, window.times[0] ?? 0).slope),
  avg_over_time: ({ values, count }) => meanOf(values, count),
  sum_over_time: ({ values, count }) => sumOf(values, count),
  min_over_time: best((value, than) => value < than),
  max_over_time: best((value, than) => value > than),
  count_over_time: ({ count }) => count,
  last_over_time: last,
  present_over_time: () => 1,
  stddev_over_time: ({ values, count }) => Math.sqrt(varianceOverTime(values, count)),
  stdvar_over_time: ({ values, count }) => varianceOverTime(values, count),
};

/** A function of a number and a range vector. */
export interface NumberRangeFunction {
  /** The order of its arguments in PromQL. */
  readonly order: "number first" | "range first";
  readonly make: (number: number) => RangeFunction;
  /** The warning about a number; undefined: none. */
  readonly warning?: (number: number) => string | undefined;
}

export const NUMBER_RANGE_FUNCTIONS: Readonly<Record<string, NumberRangeFunction>> = {
  quantile_over_time: {
    order: "number first",
    make:
      (q) =>
      ({ values, count }) =>
        quantileOf(q, values, count),
    warning: quantileWarning,
  },
  predict_linear: {
    order: "range first",
    make:
      (seconds) =>
      (window, { atMs }) => {
        if (window.count < 2) return undefined;
        const { slope, value } = regression(window, atMs);
        return slope * seconds + value;
      },
  },
};

/** Keeps the metric's name, as the value is one that the metric had. */
export const KEEPS_NAME: ReadonlySet<string> = new Set(["last_over_time"]);

/** Functions of counters, which are known by their names. */
export const OF_COUNTERS: ReadonlySet<string> = new Set(["rate", "increase"]);

/** Names of counters and of the series of histograms. */
export const COUNTER_NAME = /_(?:total|sum|count|bucket)$/;
