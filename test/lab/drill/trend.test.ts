import { expect, it } from "vitest";
import { trendSince } from "../../../lab/drill/trend.ts";
import type { ProbeRecord } from "../../../lab/probe/record.ts";
import { probed } from "../../support/probe-record.ts";

/** A hundred requests a second, of which so many in a hundred fail, by the second of the clock. */
const traffic = (failing: (second: number) => number) => ({
  records(from: number, to: number): ProbeRecord[] {
    const records: ProbeRecord[] = [];
    for (let at = from; at < to; at += 10)
      records.push(
        probed({
          sentAt: at,
          result: (at / 10) % 100 < failing(Math.floor(at / 1000)) ? "status" : "ok",
        }),
      );
    return records;
  },
});
const action = { begunAt: 20_000, overAt: 21_000 };

it("says what failed before the last action, what fails now, and that it falls", () => {
  const seen = trendSince(
    action,
    30_000,
    traffic((second) => (second < 21 ? 30 : second < 25 ? 20 : 4)),
  );
  expect(seen).toMatchObject({ seconds: 9, direction: "falling" });
  expect(seen?.before).toBeCloseTo(0.3);
  expect(seen?.now).toBeCloseTo(0.04);
});

it("says that it rises, and that nothing changes", () => {
  expect(
    trendSince(
      action,
      31_000,
      traffic((second) => (second < 26 ? 10 : 40)),
    )?.direction,
  ).toBe("rising");
  expect(
    trendSince(
      action,
      31_000,
      traffic(() => 30),
    )?.direction,
  ).toBe("level");
});

it("says nothing while too few requests have ended since", () => {
  expect(
    trendSince(
      action,
      21_100,
      traffic(() => 30),
    ),
  ).toBeUndefined();
});
