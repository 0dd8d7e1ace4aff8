import { describe, expect, it } from "vitest";
import { createPager, type Alert } from "../../../lab/observe/pager.ts";
import { createManualClock } from "../../support/manual-clock.ts";

type Seen = { readonly firing: boolean; readonly summary: string } | undefined;
const bad: Seen = { firing: true, summary: "bad" };
const good: Seen = { firing: false, summary: "good" };

function bench(forMs = 2000) {
  const clock = createManualClock(1_000_000);
  const fired: Alert[] = [];
  let seen: Seen;
  const pager = createPager([{ name: "Bad", severity: "page", forMs, evaluate: () => seen }], {
    clock,
    onFire: (alert) => fired.push(alert),
  });
  /** Looks once, and half a second passes. */
  const look = (...values: Seen[]) => {
    for (const value of values) {
      seen = value;
      pager.evaluate();
      clock.advance(500);
    }
  };
  return { pager, fired, look };
}

describe("an alert", () => {
  it("fires once its rule has held for as long as it must, and only once", () => {
    const { pager, fired, look } = bench();
    look(bad, bad, bad, bad);
    expect(fired).toEqual([]);
    look(bad, bad, bad);
    expect(fired).toEqual([
      { name: "Bad", severity: "page", summary: "bad", firedAt: 1_002_000, resolvedAt: undefined },
    ]);
    expect(pager.alerts).toEqual(fired);
  });

  it("does not fire for what comes and goes: every good look begins the time anew", () => {
    const { fired, look } = bench();
    look(bad, bad, bad, bad, good, bad, bad, bad, bad, good);
    expect(fired).toEqual([]);
  });

  it("resolves when its rule does not hold any more, and fires again as another one", () => {
    const { pager, look } = bench();
    look(bad, bad, bad, bad, bad, good);
    expect(pager.alerts).toMatchObject([{ firedAt: 1_002_000, resolvedAt: 1_002_500 }]);
    look(bad, bad, bad, bad, bad);
    expect(pager.alerts).toHaveLength(2);
    expect(pager.alerts[1]).toMatchObject({ firedAt: 1_005_000, resolvedAt: undefined });
  });

  it("neither fires nor resolves while nothing can be said, and its time goes on", () => {
    const { pager, fired, look } = bench();
    look(bad, undefined, undefined, undefined, undefined);
    expect(fired).toEqual([]);
    look(bad);
    expect(fired).toHaveLength(1);
    look(undefined);
    expect(pager.alerts[0]?.resolvedAt).toBeUndefined();
  });

  it("fires at the first look when it need not hold for any time", () => {
    const { fired, look } = bench(0);
    look(bad);
    expect(fired).toHaveLength(1);
  });
});
