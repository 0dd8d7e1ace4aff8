import { expect, it } from "vitest";
import { createLatencies } from "../../../lab/load/latencies.ts";

it("latencies are in milliseconds, each answer counted once and as it was", () => {
  const latencies = createLatencies();
  expect(latencies.summary()).toBeUndefined();
  for (let ms = 1; ms <= 100; ms++) latencies.record(ms);
  const { p50, p95, p99, max } = latencies.summary() ?? { p50: 0, p95: 0, p99: 0, max: 0 };
  expect(p50).toBeCloseTo(50, 0);
  expect(p95).toBeCloseTo(95, 0);
  expect(p99).toBeCloseTo(99, 0);
  expect(max).toBeCloseTo(100, 0);
});
