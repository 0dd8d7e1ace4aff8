import { sleep, type Clock } from "../../../runtime/clock.ts";
import { labelsKey } from "../labels-key.ts";
import type { MatrixSeries, Query } from "../promql/query.ts";
import { ApiError } from "./parameters.ts";

export interface RangeQuery {
  /** Epoch ms, both included. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly timeoutMs: number;
}

/** Somebody's large query must not keep the rules from being evaluated: after so long the loop is theirs again. */
const SLICE_MS = 10;

/** A query over a range, a slice of it at a time. Throws ApiError when it takes too long. */
export async function queryRange(
  query: Query,
  { fromMs, toMs, stepMs, timeoutMs }: RangeQuery,
  clock: Clock,
): Promise<readonly MatrixSeries[]> {
  const begun = clock.now();
  const steps = Math.floor((toMs - fromMs) / stepMs) + 1;
  const found = new Map<
    string,
    { readonly labels: MatrixSeries["labels"]; points: MatrixSeries["points"][number][] }
  >();
  let slice = 1;
  for (let done = 0; done < steps;) {
    const sliceBegun = clock.now();
    const count = Math.min(slice, steps - done);
    const first = fromMs + done * stepMs;
    for (const { labels, points } of query.range(first, first + (count - 1) * stepMs, stepMs)) {
      const key = labelsKey(labels);
      const series = found.get(key);
      if (series) for (const point of points) series.points.push(point);
      else found.set(key, { labels, points: [...points] });
    }
    done += count;
    const took = clock.now() - sliceBegun;
    slice = took > SLICE_MS ? Math.max(1, slice >> 1) : slice * 2;
    if (clock.now() - begun > timeoutMs)
      throw new ApiError("timeout", "query timed out in expression evaluation");
    if (done < steps) await sleep(clock, 0);
  }
  return [...found.values()];
}
