import { expect, test } from "vitest";
import { isTooSlow, startBodyWatch } from "../../../lb/listener/slow-body.ts";

/** How many looks, one a second, a body gets that brings so many bytes between two of them; at most 1000. */
function looks(bytesEach: readonly number[], clientBodyMs = 20_000): number {
  const watch = startBodyWatch(100, clientBodyMs);
  let bytes = 100;
  for (let look = 1; look <= 1000; look++) {
    bytes += bytesEach[Math.min(look, bytesEach.length) - 1] ?? 0;
    if (isTooSlow(watch, bytes, 1000, clientBodyMs)) return look;
  }
  return Number.POSITIVE_INFINITY;
}

test("a body that brings nothing has its time and no more", () => {
  expect(looks([0])).toBe(20);
});

test("a byte now and then gains next to nothing", () => {
  expect(looks([1])).toBe(21);
});

test("500 bytes a second may go on for ever, 450 may not", () => {
  expect(looks([500])).toBe(Number.POSITIVE_INFINITY);
  expect(looks([450])).toBe(200);
});

test("what came fast saves nobody who trickles then", () => {
  expect(looks([100_000_000, 0])).toBe(21);
});

test("a pause is made up for by what comes after it", () => {
  expect(looks([...Array.from({ length: 19 }, () => 0), 50_000, 0])).toBe(40);
});
