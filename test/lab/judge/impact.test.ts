import { describe, expect, it } from "vitest";
import { createImpactTally, measureImpact, type ImpactEvidence } from "../../../lab/judge/impact.ts";
import { NOBODY, type ProbeRecord } from "../../../lab/probe/record.ts";
import type { Expectation } from "../../../scenarios/scenario.ts";
import { impactOf, judged } from "../../support/judged.ts";
import { failedWith, probed } from "../../support/probe-record.ts";

const USERS = 10;
const calm = judged(
  Array.from({ length: 20 }, (_, i) => probed({ sentAt: i, durationMs: 100 })),
  { from: 0, to: 10_000, users: USERS },
);

const evidence = (
  records: readonly ProbeRecord[],
  { to = 20_000, restarts = {} }: Partial<Pick<ImpactEvidence, "to" | "restarts">> = {},
): ImpactEvidence => ({
  from: 0,
  to,
  ...impactOf(records, { from: 0, to, users: USERS }),
  steady: calm,
  restarts,
});

const figure = (expectation: Expectation, given: ImpactEvidence) => {
  const [one] = measureImpact(given, [expectation]).figures;
  if (!one) throw new Error("one expectation has one figure");
  return one;
};

const every = (count: number, stepMs: number, make: (i: number) => Partial<ProbeRecord>): ProbeRecord[] =>
  Array.from({ length: count }, (_, i) => probed({ sentAt: i * stepMs, user: i % USERS, ...make(i) }));
const bad = { result: "status", status: 503 } as const;

describe("the impact's figures", () => {
  it("failedRequestRatio is of all requests", () => {
    const records = every(100, 100, (i) => (i % 10 < 3 ? bad : {}));
    expect(figure({ figure: "failedRequestRatio", min: 0.3, max: 0.3 }, evidence(records))).toMatchObject({
      measured: 0.3,
      inBand: true,
    });
  });

  it("affectedUserRatio is the mean over whole windows of 10 s, the rest left out", () => {
    // User 0 fails in the first window only, user 1 in both, and user 2 in the piece behind them.
    const records = [
      ...every(200, 100, (i) => ((i % USERS === 0 && i < 100) || i % USERS === 1 ? bad : {})),
      failedWith(503, { user: 2, sentAt: 20_500 }),
    ];
    expect(figure({ figure: "affectedUserRatio" }, evidence(records, { to: 21_000 })).measured).toBeCloseTo(
      0.15,
      6,
    );
  });

  it("affectedUserRatio is taken over what there is when the impact was shorter than a window", () => {
    const records = [failedWith(500, { user: 1, sentAt: 100 }), probed({ user: 2, sentAt: 200 })];
    expect(figure({ figure: "affectedUserRatio" }, evidence(records, { to: 4000 })).measured).toBeCloseTo(
      0.1,
    );
  });

  it("routeFailedRatio is of one route", () => {
    const records = [
      ...every(10, 10, () => ({})),
      ...every(4, 10, (i) => ({ route: "login", ...(i < 3 ? bad : {}) })),
    ];
    expect(figure({ figure: "routeFailedRatio", route: "login" }, evidence(records)).measured).toBe(0.75);
    expect(figure({ figure: "routeFailedRatio", route: "page", max: 0 }, evidence(records)).inBand).toBe(
      true,
    );
  });

  it("answerShare is of the failures of a route, with the balancer's flag", () => {
    const records = every(10, 10, (i) => (i < 3 ? { ...bad, flag: "UO" } : i === 3 ? bad : {}));
    expect(
      figure({ figure: "answerShare", route: "page", answer: "503 UO" }, evidence(records)).measured,
    ).toBe(0.75);
    expect(figure({ figure: "answerShare", route: "page", answer: "500" }, evidence(records)).measured).toBe(
      0,
    );
  });

  it("p95Factor is against the p95 of the steady state", () => {
    const records = every(20, 10, () => ({ durationMs: 600 }));
    expect(figure({ figure: "p95Factor", route: "page", min: 6, max: 6 }, evidence(records)).inBand).toBe(
      true,
    );
  });

  it("p95Factor is of routes that had requests before and during it", () => {
    const login = every(20, 10, () => ({ route: "login", durationMs: 600 }));
    expect(figure({ figure: "p95Factor", route: "login" }, evidence(login)).measured).toBeUndefined();
    expect(figure({ figure: "p95Factor", route: "page" }, evidence(login)).measured).toBeUndefined();
  });

  it("busiestBackendShare is of a route's answers, failed ones included, and of none where no backend answered", () => {
    const records = every(10, 10, (i) => ({
      ...(i === 0 ? bad : {}),
      backend: i < 6 ? "web-1" : i < 9 ? "web-2" : undefined,
    }));
    const busiest = (route: "page" | "login") =>
      figure({ figure: "busiestBackendShare", route }, evidence(records)).measured;
    expect(busiest("page")).toBeCloseTo(6 / 9, 6);
    expect(busiest("login")).toBeUndefined();
  });

  it("worstBackendFailureShare is of all failures, those without a backend's name included", () => {
    const records = every(8, 10, (i) => ({
      ...bad,
      backend: i < 6 ? "web-1" : i === 6 ? "web-2" : undefined,
    }));
    expect(figure({ figure: "worstBackendFailureShare" }, evidence(records)).measured).toBe(0.75);
  });

  it("affectedUsersFailedRatio and otherUsersFailedRatio part the population", () => {
    const records = every(100, 100, (i) => (i % USERS < 3 || i === 5 ? bad : {}));
    expect(figure({ figure: "affectedUsersFailedRatio" }, evidence(records)).measured).toBe(1);
    expect(figure({ figure: "otherUsersFailedRatio" }, evidence(records)).measured).toBeCloseTo(1 / 70);
  });

  it("otherUsersFailedRatio is of users: calls of the dependent API belong to none", () => {
    const calls = every(50, 100, () => ({ ...bad, route: "api", user: NOBODY }));
    const records = [...every(100, 100, () => ({})), ...calls];
    expect(figure({ figure: "otherUsersFailedRatio" }, evidence(records)).measured).toBe(0);
  });

  it("restartsPerMinute is that of the unit that restarts most", () => {
    const restarts = { "web-1": 1, "web-3": 2 };
    expect(figure({ figure: "restartsPerMinute", min: 6 }, evidence([], { restarts }))).toMatchObject({
      measured: 6,
      inBand: true,
    });
  });
});

describe("what cannot be measured", () => {
  const ANY: Expectation[] = [
    { figure: "failedRequestRatio" },
    { figure: "affectedUserRatio" },
    { figure: "routeFailedRatio", route: "page" },
    { figure: "answerShare", route: "page", answer: "500" },
    { figure: "p95Factor", route: "page" },
    { figure: "worstBackendFailureShare" },
    { figure: "affectedUsersFailedRatio" },
    { figure: "otherUsersFailedRatio" },
  ];
  for (const expectation of ANY)
    it(`${expectation.figure} without a request is in no band, the widest included`, () => {
      expect(figure(expectation, evidence([]))).toEqual({ expectation, measured: undefined, inBand: false });
    });

  it("an impact without a window has no user affected", () => {
    expect(createImpactTally({ users: USERS }).summed(0, 0).affectedRatio).toBe(0);
  });

  it("restartsPerMinute over no time is in no band", () => {
    expect(figure({ figure: "restartsPerMinute" }, evidence([], { to: 0 }))).toMatchObject({
      measured: undefined,
      inBand: false,
    });
  });

  it("shares of failures are in no band when nothing failed", () => {
    const fine = evidence(every(10, 10, () => ({})));
    expect(figure({ figure: "worstBackendFailureShare", min: 0 }, fine).inBand).toBe(false);
    expect(figure({ figure: "answerShare", route: "page", answer: "500", min: 0 }, fine).inBand).toBe(false);
    expect(figure({ figure: "affectedUsersFailedRatio", min: 0 }, fine).inBand).toBe(false);
  });
});

it("the impact is in band when all of its figures are, and both ends of a band are", () => {
  const records = every(100, 100, (i) => (i % 4 === 0 ? bad : {}));
  const within: Expectation = { figure: "failedRequestRatio", min: 0.25, max: 0.25 };
  const beyond: Expectation = { figure: "failedRequestRatio", min: 0.26 };
  const below: Expectation = { figure: "failedRequestRatio", max: 0.24 };
  expect(measureImpact(evidence(records), [within])).toMatchObject({
    failedRequestRatio: 0.25,
    statuses: { "200": 75, "503": 25 },
    seconds: 20,
    inBand: true,
  });
  expect(measureImpact(evidence(records), [within, beyond]).inBand).toBe(false);
  expect(measureImpact(evidence(records), [within, below]).inBand).toBe(false);
});

it("an impact lasts from its beginning, whatever the clock says then", () => {
  const later = { ...evidence([], { restarts: { "web-1": 2 } }), from: 80_000, to: 100_000 };
  const measured = measureImpact(later, [{ figure: "restartsPerMinute" }]);
  expect(measured.seconds).toBe(20);
  expect(measured.figures).toMatchObject([{ measured: 6 }]);
});
