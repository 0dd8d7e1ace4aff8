import { QueryError } from "./query.ts";

/** PromQL of Prometheus 3 that is recognised and refused: docs/promql.md lists it. */
export class UnsupportedError extends QueryError {
  override readonly name = "UnsupportedError";
}

/** Functions that Prometheus has and this engine has not. */
export const UNSUPPORTED_FUNCTIONS: ReadonlySet<string> = new Set([
  "double_exponential_smoothing",
  "end",
  "first_over_time",
  "histogram_avg",
  "histogram_count",
  "histogram_fraction",
  "histogram_quantiles",
  "histogram_stddev",
  "histogram_stdvar",
  "histogram_sum",
  "holt_winters",
  "info",
  "mad_over_time",
  "max_of",
  "min_of",
  "range",
  "sort_by_label",
  "sort_by_label_desc",
  "start",
  "start_timestamp",
  "step",
  "ts_of_first_over_time",
  "ts_of_last_over_time",
  "ts_of_max_over_time",
  "ts_of_min_over_time",
]);

/** Aggregations that Prometheus has and this engine has not. */
export const UNSUPPORTED_AGGREGATIONS: ReadonlySet<string> = new Set(["limit_ratio", "limitk"]);

/** Modifiers after a selector or an operator that Prometheus has and this engine refuses. */
export const UNSUPPORTED_MODIFIERS: ReadonlySet<string> = new Set([
  "anchored",
  "fill",
  "fill_left",
  "fill_right",
  "smoothed",
]);

/** Operators of native histograms. */
export const UNSUPPORTED_OPERATORS: ReadonlySet<string> = new Set(["</", ">/"]);
