import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { queryRange } from "../../../../lab/observe/api/prometheus/range-query.ts";
import { createQueryEngine } from "../../../../lab/observe/promql/engine.ts";
import { QueryTimeout, type Query } from "../../../../lab/observe/promql/query.ts";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";

/** Lets the clock run on until the promise has settled. */
async function running<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const state = { over: false };
  const end = (): void => void (state.over = true);
  promise.then(end, end);
  while (!state.over) {
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}

const range = { fromMs: 0, toMs: 99_500, stepMs: 1000, timeoutMs: 60_000 };

/** A query of which every step costs so much time. */
function costly(clock: ManualClock, msPerStep: number) {
  const slices: number[] = [];
  const query: Pick<Query, "over"> = {
    over({ fromMs, toMs, stepMs }, { expired } = {}) {
      const steps = Math.floor((toMs - fromMs) / stepMs) + 1;
      const points: (readonly [number, number])[] = [];
      return {
        advance(moments) {
          const slice = Math.min(moments, steps - points.length);
          slices.push(slice);
          clock.advance(slice * msPerStep);
          if (expired?.()) throw new QueryTimeout("too long", { line: 1, column: 1 });
          for (let i = 0; i < slice; i++) points.push([fromMs + points.length * stepMs, 1]);
          return points.length < steps;
        },
        value: () => ({ type: "matrix", series: [{ labels: { a: "b" }, points }] }),
      };
    },
  };
  return { slices, query: query as Query };
}

describe("a query over a range", () => {
  it("comes to the same in slices as at once, whatever series come and go", async () => {
    const steps = fc.record({
      toMs: fc.integer({ min: 0, max: 100_000 }),
      stepMs: fc.integer({ min: 700, max: 40_000 }),
      values: fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 99 })), {
        minLength: 1,
        maxLength: 60,
      }),
    });
    await fc.assert(
      fc.asyncProperty(steps, async ({ toMs, stepMs, values }) => {
        const clock = createManualClock();
        const store = createSampleStore({ retentionMs: 1e9, maxSeries: 10 });
        values.forEach(([name, value], i) => store.series({ __name__: "x", name })?.append(i * 1500, value));
        const query = createQueryEngine(store, { lookbackMs: 5000 }).compile("x");
        const whole = { fromMs: 0, toMs, stepMs, timeoutMs: 1e9 };
        expect(await running(clock, queryRange(query, whole, clock))).toEqual(query.range(0, toMs, stepMs));
      }),
      { numRuns: 50 },
    );
  });

  it("leaves the loop to others between slices that take long", async () => {
    const clock = createManualClock();
    const { slices, query } = costly(clock, 4);
    const {
      series: [series],
    } = await running(clock, queryRange(query, range, clock));
    expect(series?.points.map(([at]) => at)).toEqual(Array.from({ length: 100 }, (_, i) => i * 1000));
    expect(Math.max(...slices)).toBeLessThanOrEqual(8);
    expect(slices.length).toBeGreaterThan(12);
  });

  it("is not cut into more than it has to be", async () => {
    const clock = createManualClock();
    const { slices, query } = costly(clock, 0);
    await running(clock, queryRange(query, range, clock));
    expect(slices).toEqual([1, 2, 4, 8, 16, 32, 37]);
  });

  it("is aborted after its timeout", async () => {
    const clock = createManualClock();
    const { slices, query } = costly(clock, 100);
    const result = queryRange(query, { ...range, timeoutMs: 1000 }, clock);
    await expect(running(clock, result)).rejects.toBeInstanceOf(QueryTimeout);
    expect(slices.length).toBeLessThan(20);
  });
});
