import { expect, it } from "vitest";
import { compareService } from "../../../../lb/config/rollout/compare-service.ts";
import { rolloutOptions } from "../../../../lb/config/rollout/options.ts";
import type { ServiceCounts } from "../../../../lb/telemetry/service-meter.ts";

const options = rolloutOptions.parse({ watch: {} }).watch ?? expect.fail();

/** Whose answers all took about this long. */
function counts(requests: number, failures: number, ms = 20): ServiceCounts {
  const times = new Float64Array(212);
  times[Math.ceil(Math.log(ms) / Math.log(1.05))] = requests - failures;
  return { requests, failures, times };
}
const verdict = (before: ServiceCounts | undefined, after: ServiceCounts) =>
  compareService(before, after, options).verdict;

it.each([
  ["a service as before", counts(1000, 0), counts(1000, 0), "well"],
  ["fewer requests than anything can be said of", counts(1000, 0), counts(19, 19), "unknown"],
  ["most requests failing", counts(1000, 0), counts(20, 15), "worse"],
  ["two failures, which are too few", counts(1000, 0), counts(20, 2), "well"],
  ["a rise within what is tolerated", counts(1000, 10), counts(1000, 15), "well"],
  ["a rise that may be chance", counts(1000, 10), counts(100, 4), "well"],
  ["a rise that is none", counts(1000, 10), counts(1000, 80), "worse"],
  ["a service that was as bad before", counts(1000, 300), counts(1000, 300), "well"],
  ["a service that was worse before: the change mends", counts(1000, 900), counts(1000, 300), "well"],
  ["answers that take three times as long", counts(1000, 0, 100), counts(1000, 0, 300), "worse"],
  ["answers that take three times nothing", counts(1000, 0, 10), counts(1000, 0, 30), "well"],
  ["slow answers, too few for a p95", counts(1000, 0, 100), counts(99, 0, 900), "well"],
  ["nothing known of before, and some failing", undefined, counts(1000, 300), "well"],
  ["nothing known of before, and hardly anybody getting through", undefined, counts(1000, 900), "worse"],
] as const)("finds %s: %#", (_name, before, after, expected) => {
  expect(verdict(before, after)).toBe(expected);
});

it("says why", () => {
  expect(compareService(counts(1000, 0), counts(100, 50), options)).toEqual({
    verdict: "worse",
    because: "50.0 % of 100 requests fail, before the change 0.0 %",
  });
});
