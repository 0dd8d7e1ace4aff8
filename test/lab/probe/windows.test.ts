import { beforeEach, describe, expect, it } from "vitest";
import { createWindows, type Windows } from "../../../lab/probe/windows.ts";
import type { ProbeRecord } from "../../../lab/probe/record.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const T = 1_700_000_000_000;
let windows: Windows;

beforeEach(() => {
  windows = createWindows({ users: 10, keepMs: 60_000 });
});

/** A request a second, from `T` on; the user of those in `failing` fails. */
const seconds = (count: number, change: (i: number) => Partial<ProbeRecord> = () => ({})) =>
  windows.add(
    Array.from({ length: count }, (_, i) => probed({ sentAt: T + i * 1000, user: 0, ...change(i) })),
  );

const boundsOf = (found: readonly { readonly from: number; readonly to: number }[]) =>
  found.map(({ from, to }) => [from - T, to - T]);

describe("settled windows", () => {
  it("are whole ones, each request in one of them, the rest waiting for its end", () => {
    seconds(25);
    const settled = windows.settle(T + 25_000);
    expect(boundsOf(settled)).toEqual([
      [0, 10_000],
      [10_000, 20_000],
    ]);
    expect(settled.map(({ records }) => records.length)).toEqual([10, 10]);
    expect(boundsOf(windows.settle(T + 31_000))).toEqual([[20_000, 30_000]]);
  });

  it("end where something begins, and the next one begins there", () => {
    seconds(25);
    windows.cut(T + 14_000);
    expect(boundsOf(windows.settle(T + 25_000))).toEqual([
      [0, 10_000],
      [10_000, 14_000],
      [14_000, 24_000],
    ]);
  });

  it("are not cut any more: what is settled stays settled", () => {
    seconds(25);
    windows.settle(T + 20_000);
    windows.cut(T + 15_000);
    expect(boundsOf(windows.settle(T + 30_000))).toEqual([[20_000, 30_000]]);
  });

  it("come with the rest when everything is requested", () => {
    seconds(14);
    expect(boundsOf(windows.settle(T + 13_500, true))).toEqual([
      [0, 10_000],
      [10_000, 13_500],
    ]);
  });

  it("have the affected users, those included who did not come again", () => {
    seconds(20, (i) => (i < 10 ? { user: i, ...(i < 3 ? { result: "cut" as const } : {}) } : { user: 0 }));
    expect(windows.settle(T + 20_000).map(({ affectedRatio }) => affectedRatio)).toEqual([0.3, 0.2]);
  });

  it("take a late answer into the window it was sent in, as long as that is not settled", () => {
    seconds(12);
    windows.add([failedWith(504, { sentAt: T + 500, user: 7 })]);
    expect(windows.settle(T + 12_000)[0]).toMatchObject({ affectedRatio: 0.1 });
  });
});

describe("who is affected between two moments", () => {
  it("is judged by these requests, and by what came before for who sent none", () => {
    seconds(30, (i) => ({ user: i % 3, ...(i < 12 ? { result: "cut" as const } : {}) }));
    windows.settle(T + 10_000);
    // Users 0 to 2 fail until 12 s; from 10 s on user 1 has 10 s, user 2 has 11 s, then all is well.
    expect(windows.affected(T + 27_000, T + 30_000, ({ ratio }) => ratio)).toBe(0);
    expect(windows.affected(T + 12_000, T + 13_000, ({ has }) => [has(0), has(1), has(2)])).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("is the same whether windows before are settled or not", () => {
    seconds(40, (i) => ({ user: i % 7, ...(i % 3 === 0 ? { result: "cut" as const } : {}) }));
    const read = () => windows.affected(T + 30_000, T + 35_000, ({ ratio }) => ratio);
    const before = read();
    windows.settle(T + 30_000);
    expect(read()).toBe(before);
    expect(before).toBeGreaterThan(0);
  });
});

it("windows that are pending are reported as they would settle, one upon the other", () => {
  seconds(25, (i) => ({ user: i < 10 ? 1 : 2, ...(i < 10 ? { result: "cut" as const } : {}) }));
  const pending = windows.pending(T + 25_000);
  expect(boundsOf(pending)).toEqual([
    [0, 10_000],
    [10_000, 20_000],
    [20_000, 25_000],
  ]);
  expect(pending.map(({ affectedRatio }) => affectedRatio)).toEqual([0.1, 0.1, 0.1]);
  expect(windows.settle(T + 25_000).map(({ affectedRatio }) => affectedRatio)).toEqual([0.1, 0.1]);
});

it("requests are kept for as long as is configured, and until they are settled", () => {
  for (let i = 0; i < 200; i++) windows.add([probed({ sentAt: T + i * 1000 })]);
  expect(windows.records(T, T + 200_000)).toHaveLength(200);
  windows.settle(T + 190_000);
  windows.add([]);
  expect(windows.records(T, T + 200_000).length).toBeLessThan(62);
});

describe("requests between two moments", () => {
  const from = (start: number, end: number) =>
    windows.records(T + start, T + end).map(({ sentAt }) => sentAt - T);

  it("are those that were sent from the first on and before the second, to the millisecond", () => {
    windows.add([0, 400, 999, 1000, 1500, 2000, 2001].map((at) => probed({ sentAt: T + at })));
    expect(from(0, 2000)).toEqual([0, 400, 999, 1000, 1500]);
    expect(from(400, 1000)).toEqual([400, 999]);
    expect(from(401, 1501)).toEqual([999, 1000, 1500]);
    expect(from(1000, 1000)).toEqual([]);
    expect(from(2000, 2001)).toEqual([2000]);
    expect(from(1500, 2500)).toEqual([1500, 2000, 2001]);
  });

  it("are kept for as long as is configured, and longer until their window is settled", () => {
    seconds(3);
    windows.settle(T + 3000, true);
    windows.add([probed({ sentAt: T + 61_500 })]);
    expect(from(0, 3000)).toEqual([1000, 2000]);
    windows.add([probed({ sentAt: T + 200_000 })]);
    expect(from(0, 300_000)).toEqual([61_500, 200_000]);
    windows.settle(T + 201_000);
    // An older one that comes late brings nothing older back.
    windows.add([probed({ sentAt: T + 110_000 })]);
    expect(from(0, 300_000)).toEqual([110_000, 200_000]);
  });
});

it("requests of one second count in the order of sending, whatever order their answers come in", () => {
  const at = [0, 300, 100, 400];
  windows.add(at.map((ms) => probed({ sentAt: T + ms, user: 1, result: ms < 300 ? "cut" : "ok" })));
  windows.add([probed({ sentAt: T + 200, user: 1, result: "cut" })]);
  expect(windows.records(T, T + 1000).map(({ sentAt }) => sentAt - T)).toEqual([0, 100, 200, 300, 400]);
  // Three of five failed, and the last one did not: it lasts for no other window.
  expect(windows.settle(T + 20_000).map(({ affectedRatio }) => affectedRatio)).toEqual([0.1, 0]);
});

describe("cuts", () => {
  it("hold in the order of time, whatever order they come in, each once and each for one window", () => {
    seconds(25);
    for (const at of [14_000, 3000, 14_000]) windows.cut(T + at);
    expect(boundsOf(windows.settle(T + 24_000))).toEqual([
      [0, 3000],
      [3000, 13_000],
      [13_000, 14_000],
      [14_000, 24_000],
    ]);
    windows.cut(T + 24_000);
    windows.cut(T + 26_000);
    expect(boundsOf(windows.settle(T + 36_000))).toEqual([
      [24_000, 26_000],
      [26_000, 36_000],
    ]);
  });
});

describe("windows that are not settled", () => {
  it("are each judged by what came before it and in it, and not by what came after", () => {
    seconds(30, (i) => (i >= 10 && i < 20 ? { result: "refused" } : {}));
    expect(windows.pending(T + 30_000).map(({ affectedRatio }) => affectedRatio)).toEqual([0, 0.1, 0]);
  });

  it("count only what was sent in them, though a second is shared", () => {
    windows.add([probed({ sentAt: T + 500 })]);
    windows.cut(T + 1500);
    windows.add([
      probed({ sentAt: T + 1499 }),
      ...[1501, 1502, 1503].map((at) => failedWith(503, { sentAt: T + at })),
    ]);
    expect(windows.pending(T + 2000)).toMatchObject([
      { affectedRatio: 0, records: { length: 2 } },
      { affectedRatio: 0.1, records: { length: 3 } },
    ]);
    const seen = windows.affected(T + 1000, T + 1500, ({ ratio, has }) => [ratio, has(0)]);
    expect(seen).toEqual([0, false]);
  });
});
