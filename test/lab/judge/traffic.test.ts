import { beforeEach, describe, expect, it } from "vitest";
import { createTraffic, type Traffic } from "../../../lab/judge/traffic.ts";
import type { ProbeRecord } from "../../../lab/probe/record.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const T = 1_700_000_000_000;
let traffic: Traffic;

beforeEach(() => {
  traffic = createTraffic({ users: 100 });
});

const report = (at: number, records: readonly ProbeRecord[], openSince: readonly number[] = []) =>
  traffic.probed({ type: "probe", at, records, openSince });
const load = (at: number, sent: number) =>
  traffic.loaded({ type: "load", at, sent, answered: sent, failed: 0 });

/** 100 requests a second of the prober, reported four times a second, from `from` until `to`. */
function probing(from: number, to: number) {
  for (let at = from + 250; at <= to; at += 250)
    report(
      at,
      Array.from({ length: 25 }, (_, i) => probed({ sentAt: at - 250 + i * 10 })),
    );
}

/** The load's reports of this many requests a second, once a second. */
function loading(from: number, to: number, perSecond: number, already = 0) {
  for (let at = from; at <= to; at += 1000) load(at, already + ((at - from) / 1000) * perSecond);
}

describe("records between two moments", () => {
  it("belong to the moment they were sent, the start included and the end not", () => {
    report(T + 9000, [probed({ sentAt: T }), probed({ sentAt: T + 999 }), probed({ sentAt: T + 1000 })]);
    expect(traffic.records(T, T + 1000).map(({ sentAt }) => sentAt - T)).toEqual([0, 999]);
    expect(traffic.records(T + 999, T + 1001)).toHaveLength(2);
  });

  it("are found however late they ended and in whatever order they were reported", () => {
    report(T + 9000, [probed({ sentAt: T + 8000 })]);
    report(T + 9250, [probed({ sentAt: T + 500, result: "timeout" }), probed({ sentAt: T + 8100 })]);
    expect(traffic.records(T, T + 10_000)).toHaveLength(3);
    expect(traffic.window(T, T + 1000)).toMatchObject({ requests: 1, failed: 1, failedRatio: 1 });
  });

  it("are summed up over the population it was made for", () => {
    report(T + 1000, [failedWith(500, { sentAt: T, user: 4 })]);
    expect(traffic.window(T, T + 1000).affectedRatio).toBe(0.01);
  });

  it("are kept for ten minutes, and forgotten after it once their window is settled", () => {
    report(T + 250, [probed({ sentAt: T })]);
    report(T + 599_000, [probed({ sentAt: T + 599_000 })]);
    expect(traffic.records(T, T + 1000)).toHaveLength(1);
    report(T + 602_000, [probed({ sentAt: T + 602_000 })]);
    expect(traffic.records(T, T + 1000)).toHaveLength(1);
    traffic.settle(T + 602_000);
    report(T + 602_250, []);
    expect(traffic.records(T, T + 1000)).toHaveLength(0);
    expect(traffic.records(T, T + 1_900_000)).toHaveLength(2);
  });
});

describe("requests without an answer", () => {
  it("are those of the last report: what was answered since is out", () => {
    report(T + 1000, [], [T, T + 500, T + 900]);
    expect(traffic.unanswered(T, T + 1000)).toBe(3);
    expect(traffic.unanswered(T, T + 900)).toBe(2);
    report(T + 1250, [probed({ sentAt: T })], [T + 500]);
    expect(traffic.unanswered(T, T + 1000)).toBe(1);
    expect(traffic.lastReportAt).toBe(T + 1250);
  });
});

describe("offered load", () => {
  it("is what the prober and the load sent together", () => {
    probing(T, T + 20_000);
    loading(T, T + 20_000, 100);
    expect(traffic.offered(T + 10_000, T + 20_000)).toBeCloseTo(200, 0);
  });

  it("counts requests that hang: their users came", () => {
    report(
      T + 10_000,
      Array.from({ length: 300 }, (_, i) => probed({ sentAt: T + i * 10 })),
      Array.from({ length: 700 }, (_, i) => T + 3000 + i * 10),
    );
    expect(traffic.offered(T, T + 10_000)).toBeCloseTo(100, 0);
  });

  it("is not less for what the next report will contain", () => {
    probing(T, T + 10_000);
    expect(traffic.offered(T + 7000, T + 10_240)).toBeCloseTo(100, 0);
  });

  it("falls when the prober has gone silent", () => {
    probing(T, T + 10_000);
    expect(traffic.offered(T + 5000, T + 15_000)).toBeCloseTo(50, 0);
    expect(traffic.offered(T + 12_000, T + 22_000)).toBe(0);
  });

  it("falls as soon as the load's reports are overdue, not when half of the window is without them", () => {
    probing(T, T + 20_000);
    loading(T, T + 16_000, 100);
    expect(traffic.offered(T + 10_000, T + 20_000)).toBeLessThan(0.85 * 200);
  });

  it("counts a load that was started afresh from there, and not as if it had run all the time", () => {
    probing(T, T + 20_000);
    loading(T, T + 9000, 100);
    loading(T + 15_000, T + 20_000, 100, 1);
    expect(traffic.offered(T + 10_000, T + 20_000)).toBeCloseTo(150, 0);
  });

  it("shows a load that was started afresh at half its rate", () => {
    probing(T, T + 40_000);
    loading(T, T + 9000, 100);
    loading(T + 10_000, T + 40_000, 50);
    expect(traffic.offered(T + 27_000, T + 40_000)).toBeCloseTo(150, 0);
  });

  it("is the prober's alone without a load", () => {
    probing(T, T + 10_000);
    expect(traffic.offered(T, T + 10_000)).toBeCloseTo(100, 0);
  });
});

describe("offered load by its source", () => {
  it("counts a waiting request as its user's, and logins as no user's", () => {
    report(
      T + 10_000,
      [
        ...Array.from({ length: 300 }, (_, i) => probed({ sentAt: T + i * 10 })),
        ...Array.from({ length: 100 }, (_, i) => probed({ sentAt: T + i * 10, route: "account" })),
        ...Array.from({ length: 50 }, (_, i) => probed({ sentAt: T + i * 10, route: "login" })),
        ...Array.from({ length: 20 }, (_, i) => probed({ sentAt: T + i * 10, route: "api", user: -1 })),
      ],
      Array.from({ length: 100 }, (_, i) => T + 3000 + i * 10),
    );
    loading(T, T + 10_000, 70);
    expect(traffic.offeredBy(T, T + 10_000)).toEqual({ users: 50, load: 70, api: 2 });
  });

  it("is none over no time, and none of a load that never reported", () => {
    probing(T, T + 10_000);
    expect(traffic.offeredBy(T + 5000, T + 5000)).toEqual({ users: 0, load: 0, api: 0 });
    expect(traffic.offeredBy(T, T + 10_000)).toEqual({ users: 100, load: 0, api: 0 });
  });

  it("is the load's of this window, and not of what it did before or since", () => {
    loading(T, T + 10_000, 10);
    loading(T + 11_000, T + 20_000, 100, 200);
    loading(T + 21_000, T + 30_000, 10, 1200);
    expect(traffic.offeredBy(T + 12_000, T + 20_000).load).toBeCloseTo(100, 6);
  });

  it("is there before the first report of a load that has just been started afresh", () => {
    loading(T, T + 9000, 100);
    load(T + 10_000, 0);
    expect(traffic.offeredBy(T + 2000, T + 10_000).load).toBe(0);
  });

  it("is known to be a load started afresh by its count, which is less than the last one", () => {
    loading(T, T + 9000, 100);
    loading(T + 10_000, T + 20_000, 100, 150);
    expect(traffic.offeredBy(T + 5000, T + 15_000).load).toBe(50);
  });

  it("counts what came in the first second of the window", () => {
    for (let second = 0; second <= 20; second++) load(T + second * 1000, second > 10 ? 500 : 0);
    expect(traffic.offeredBy(T + 10_000, T + 20_000).load).toBeGreaterThan(40);
  });

  it("is known ten minutes back, however long a load has run", () => {
    loading(T, T + 1_200_000, 100);
    expect(traffic.offeredBy(T + 601_000, T + 611_000).load).toBeCloseTo(100, 6);
    expect(traffic.offeredBy(T + 100_000, T + 110_000).load).toBe(0);
  });
});

describe("requests that wait", () => {
  it("are those of the window: neither sent before nor at its end", () => {
    report(T + 1000, [], [T, T + 500, T + 900]);
    expect(traffic.unanswered(T + 500, T + 900)).toBe(1);
    expect(traffic.unanswered(T + 501, T + 1000)).toBe(1);
  });

  it("leave no mark of an older report that comes late", () => {
    report(T + 1000, []);
    report(T + 750, []);
    expect(traffic.lastReportAt).toBe(T + 1000);
  });
});

describe("the windows of a whole run", () => {
  const failing = (at: number, route: ProbeRecord["route"], backend: string) =>
    failedWith(503, { sentAt: at, user: 4, route, backend });

  it("are noted once, settled or not, with the backends that answered over all routes", () => {
    loading(T, T + 12_000, 5);
    report(T + 250, [failing(T, "page", "web-1"), failing(T + 1, "account", "web-1")]);
    report(T + 12_000, [probed({ sentAt: T + 11_000, backend: "web-2", durationMs: 90 })]);
    const notes = [
      {
        from: T,
        to: T + 10_000,
        requests: 2,
        failed: 2,
        affectedRatio: 0.01,
        p95Ms: undefined,
        requestsPerSecond: 5.2,
        answeredBy: { "web-1": 2 },
      },
      {
        from: T + 10_000,
        to: T + 12_000,
        requests: 1,
        failed: 0,
        p95Ms: 90,
        requestsPerSecond: 5.5,
        answeredBy: { "web-2": 1 },
      },
    ];
    expect(traffic.notes(T + 12_000)).toMatchObject(notes);
    const settled: number[] = [];
    traffic.onSettled(({ from }) => settled.push(from - T));
    traffic.settle(T + 12_000);
    expect(settled).toEqual([0]);
    expect(traffic.notes(T + 12_000)).toMatchObject(notes);
    traffic.settle(T + 12_000, true);
    expect(settled).toEqual([0, 10_000]);
    expect(traffic.notes(T + 12_000)).toMatchObject(notes);
    expect(traffic.notes(T + 11_999)).toHaveLength(1);
  });
});

it("what became of users is that of every report's requests", () => {
  for (const at of [1, 2, 3]) report(T + at, [failedWith(502, { sentAt: T + at, user: 7 })]);
  expect(traffic.fatesSince(T)).toEqual({ hurt: 1, undecided: 0, routes: ["page"] });
});
