import { sleep, type Clock } from "../../../../runtime/clock.ts";
import type { MatrixValue, Query, Steps } from "../../promql/query.ts";

export interface SlicedQuery extends Steps {
  readonly timeoutMs: number;
}

/** A large query must not delay the evaluation of rules: after each slice the event loop is free for it. */
const SLICE_MS = 10;

/** A query over a range, a slice of it at a time. Throws QueryTimeout when it takes too long. */
export async function queryRange(
  query: Query,
  { timeoutMs, ...steps }: SlicedQuery,
  clock: Clock,
): Promise<MatrixValue> {
  const begun = clock.now();
  const evaluation = query.over(steps, { expired: () => clock.now() - begun > timeoutMs });
  let slice = 1;
  for (;;) {
    const sliceBegun = clock.now();
    if (!evaluation.advance(slice)) return evaluation.value();
    const took = clock.now() - sliceBegun;
    slice = took > SLICE_MS ? Math.max(1, slice >> 1) : slice * 2;
    await sleep(clock, 0);
  }
}
