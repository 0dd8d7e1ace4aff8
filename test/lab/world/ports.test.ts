import { expect, test } from "vitest";
import { portPlan } from "../../../lab/world/ports.ts";

test("the ports of a lab are at a fixed distance from its base", () => {
  expect(portPlan(8080, 3)).toEqual({
    listener: 8080,
    admin: 8404,
    control: 7070,
    evaluator: 9090,
    probeMetrics: 9100,
    backends: [9101, 9102, 9103],
  });
  expect(portPlan(18080, 1)).toEqual({
    listener: 18080,
    admin: 18404,
    control: 17070,
    evaluator: 19090,
    probeMetrics: 19100,
    backends: [19101],
  });
});

test.each([0, 1000, 2033, 65_000, 70_000, 8080.5, Number.NaN])("a base of %d is refused", (base) => {
  expect(() => portPlan(base)).toThrow("--port-base must be a whole number from 2034 to 64491");
});

test.each([2034, 64_491])("a base of %d keeps every port in range", (base) => {
  const { control, backends } = portPlan(base);
  expect(control).toBeGreaterThanOrEqual(1024);
  expect(backends.at(-1)).toBeLessThanOrEqual(65_535);
});
