import { describe, expect, it } from "vitest";
import { plainNumber } from "../../../../lab/observe/rules/template/go-format.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from "../../../../lab/observe/rules/template/humanize.ts";

// What Prometheus 2.42 prints for the same.
describe("numbers for people", () => {
  it.each([
    [0, "0"],
    [1, "1"],
    [-12.3456, "-12.35"],
    [999.96, "1000"],
    [1234567, "1.235M"],
    [1e30, "1e+06Y"],
    [0.0012345, "1.234m"],
    [-0.5, "-500m"],
    [1e-7, "100n"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [Number.NaN, "NaN"],
  ])("humanize %d", (value, text) => expect(humanize(value)).toBe(text));

  it.each([
    [0, "0"],
    [1, "1"],
    [0.5, "0.5"],
    [1024, "1ki"],
    [1536, "1.5ki"],
    [-1048576, "-1Mi"],
    [Infinity, "+Inf"],
  ])("humanize1024 %d", (value, text) => expect(humanize1024(value)).toBe(text));

  it.each([
    [0, "0s"],
    [0.1, "100ms"],
    [0.0000123, "12.3us"],
    [1, "1s"],
    [59.5, "59.5s"],
    [60, "1m 0s"],
    [3661.9, "1h 1m 1s"],
    [90061, "1d 1h 1m 1s"],
    [-120, "-2m 0s"],
    [Number.NaN, "NaN"],
  ])("humanizeDuration %d", (value, text) => expect(humanizeDuration(value)).toBe(text));

  it.each([
    [0, "0%"],
    [0.1234567, "12.35%"],
    [1, "100%"],
    [-0.005, "-0.5%"],
    [Infinity, "+Inf%"],
  ])("humanizePercentage %d", (value, text) => expect(humanizePercentage(value)).toBe(text));

  it.each([
    [0, "1970-01-01 00:00:00 +0000 UTC"],
    [1435065584.128, "2015-06-23 13:19:44.128 +0000 UTC"],
    [7.9996, "1970-01-01 00:00:07.999 +0000 UTC"],
    [-12.3456, "1969-12-31 23:59:47.655 +0000 UTC"],
    [Infinity, "+Inf"],
    [1e15, undefined],
  ])("humanizeTimestamp %d", (value, text) => expect(humanizeTimestamp(value)).toBe(text));

  it.each([
    [3, "3"],
    [0.1, "0.1"],
    [999999, "999999"],
    [1e6, "1e+06"],
    [1e21, "1e+21"],
    [123456789, "1.23456789e+08"],
    [0.00001, "1e-05"],
    [Number.NaN, "NaN"],
    [-Infinity, "-Inf"],
  ])("plainly %d", (value, text) => expect(plainNumber(value)).toBe(text));
});
