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

  it("come with the rest when everything is asked for", () => {
    seconds(14);
    expect(boundsOf(windows.settle(T + 13_500, true))).toEqual([
      [0, 10_000],
      [10_000, 13_500],
    ]);
  });

  it("tell who is affected, those included who did not come again", () => {
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

it("windows that are pending are told as they would settle, one upon the other", () => {
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

it("requests are kept for as long as is asked for, and until they are settled", () => {
  for (let i = 0; i < 200; i++) windows.add([probed({ sentAt: T + i * 1000 })]);
  expect(windows.records(T, T + 200_000)).toHaveLength(200);
  windows.settle(T + 190_000);
  windows.add([]);
  expect(windows.records(T, T + 200_000).length).toBeLessThan(62);
});
