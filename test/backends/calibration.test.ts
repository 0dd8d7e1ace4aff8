import { expect, test } from "vitest";
import { createCapacity, type CapacitySpec } from "../../backends/capacity.ts";
import { seeded } from "../../runtime/random.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { mean, offerLoad } from "../support/offered-load.ts";

/** The share of requests that one server refuses, the mean over ten seeds of a minute each. */
function refusedRatio(spec: CapacitySpec, perSecond: number): number {
  return mean(
    Array.from({ length: 10 }, (_, seed) => {
      const clock = createManualClock();
      const random = seeded(seed);
      const capacity = createCapacity(spec, { clock, random });
      const offered = offerLoad(capacity, perSecond, { clock, random: random.fork("arrivals") });
      clock.advance(60_000);
      return offered.refused / offered.offered;
    }),
  );
}

test("the hot server of the uneven weights refuses about 43 % of its requests", () => {
  // 70 % of 200 a second come to a server that does 80 a second.
  expect(Math.abs(refusedRatio({ slots: 4, serviceMs: 50, queueLimit: 40 }, 140) - 0.43)).toBeLessThan(0.015);
});

test("the other servers of the uneven weights refuse nothing", () => {
  for (const weight of [12, 1])
    expect(refusedRatio({ slots: 4, serviceMs: 50, queueLimit: 40 }, (200 * weight) / 50)).toBe(0);
});

test("the one server that gets everything refuses about 70 % while it is up", () => {
  expect(Math.abs(refusedRatio({ slots: 3, serviceMs: 50, queueLimit: 30 }, 200) - 0.7)).toBeLessThan(0.015);
});

test("in a crash loop the one server that gets everything answers about one request in seven", () => {
  const restartMs = 3500;
  const ratios = Array.from({ length: 10 }, (_, seed) => {
    const clock = createManualClock();
    const random = seeded(seed);
    let offered = 0;
    let answered = 0;
    let crashes = 0;
    const start = () =>
      createCapacity(
        {
          slots: 3,
          serviceMs: 50,
          queueLimit: 30,
          crash: { refusalsPerSecond: 100, forMs: 4500 },
          warmup: { forMs: 2000, factor: 3 },
        },
        { clock, random: random.fork(`process ${crashes}`), onCrash: crash },
      );
    let process: ReturnType<typeof start> | undefined = start();
    function crash() {
      crashes++;
      process?.stop();
      process = undefined;
      clock.after(restartMs, () => (process = start()));
    }
    const arrivals = random.fork("arrivals");
    (function next() {
      if (crashes > 0) {
        offered++;
        process?.admit({ done: () => void answered++ });
      } else process?.admit({ done() {} });
      clock.after(arrivals.exponential(5), next);
    })();
    clock.advance(180_000);
    return { failed: 1 - answered / offered, crashesPerMinute: crashes / 3 };
  });
  const failed = mean(ratios.map((one) => one.failed));
  expect(failed).toBeGreaterThan(0.83);
  expect(failed).toBeLessThan(0.88);
  expect(mean(ratios.map((one) => one.crashesPerMinute))).toBeCloseTo(6.8, 0);
});
