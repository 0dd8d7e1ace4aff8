import { describe, expect, it } from "vitest";
import { createRetryBudget } from "../../../lb/pool/retry-budget.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function start() {
  const clock = createManualClock();
  const budget = createRetryBudget(clock);
  const requests = (count: number) => {
    for (let i = 0; i < count; i++) budget.request();
  };
  /** How many of `asked` retries are granted. */
  const granted = (asked: number, percent = 20) =>
    Array.from({ length: asked }, () => budget.takeRetry(percent)).filter(Boolean).length;
  return { clock, requests, granted };
}

describe("the retry budget", () => {
  it("allows its share of the requests of the last ten seconds", () => {
    const { requests, granted } = start();
    requests(100);
    expect(granted(50)).toBe(20);
    requests(100);
    expect(granted(50)).toBe(20);
  });

  it("allows three however few the requests, also with a share of nothing", () => {
    const { requests, granted } = start();
    requests(1);
    expect(granted(10, 0)).toBe(3);
  });

  it("forgets requests and retries after ten seconds", () => {
    const { clock, requests, granted } = start();
    requests(100);
    expect(granted(50)).toBe(20);
    clock.advance(9_000);
    expect(granted(50)).toBe(0);
    clock.advance(1_000);
    expect(granted(50)).toBe(3);
    clock.advance(3_600_000);
    requests(50);
    expect(granted(50)).toBe(10);
  });

  it("counts each of the last ten seconds once, a second at a time, however long it has run", () => {
    const { clock, requests, granted } = start();
    clock.advance(57_000);
    for (let second = 0; second < 30; second++) {
      requests(10);
      clock.advance(1000);
    }
    // The second that has begun is empty yet: nine full ones.
    expect(granted(50)).toBe(18);
    clock.advance(5000);
    expect(granted(50)).toBe(0);
    requests(100);
    expect(granted(50)).toBe(10);
  });
});
