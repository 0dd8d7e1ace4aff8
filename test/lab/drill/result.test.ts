import { describe, expect, it } from "vitest";
import type { DrillEvent, JournalLine } from "../../../lab/drill/events.ts";
import { resultOf } from "../../../lab/drill/result-of.ts";
import { fold, stateOf } from "../../../lab/drill/state.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";

const START = Date.UTC(2026, 0, 1);
const iso = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

/** Lines at these seconds. */
const journal = (...events: readonly (readonly [number, DrillEvent])[]): JournalLine[] =>
  events.map(([seconds, event], i) => ({ seq: i + 1, at: iso(seconds), ...event }));

const acted = (
  action: string,
  subject: string,
  { ok = true, ms = 0, ...more }: { readonly ok?: boolean; readonly ms?: number; readonly by?: string } = {},
): DrillEvent => ({ event: "acted", action, subject, ok, message: "", ms, ...more });
const RIGHT = { component: "web", mechanism: "traffic-skewed", scope: "some-requests" } as const;

const fires = (second: number, alert: string): readonly [number, DrillEvent] => [
  second,
  { event: "alert", alert, severity: "page", labels: {}, from: "pending", to: "firing" },
];

const OPENING = [
  [0, { event: "created", drill: "d1", alias: "lantern", seed: 7, sealed: "x", timeLimitMs: 60_000 }],
  [20, { event: "steady", requestsPerSecond: 200, p95Ms: { page: 90 } }],
  [20, { event: "changed" }],
  [23, { event: "impact", failedRatio: 0.3, affectedRatio: 0.3, firstFailureAt: iso(21) }],
  [
    24,
    {
      event: "alert",
      alert: "HighFailureRatio",
      severity: "page",
      labels: {},
      from: "pending",
      to: "firing",
    },
  ],
  [24, { event: "paged", alert: "HighFailureRatio", summary: "30 %" }],
] as const satisfies readonly (readonly [number, DrillEvent])[];

const whole = journal(
  ...OPENING,
  [30, { event: "looked", subject: "database" }],
  [60, { event: "looked", subject: "changes" }],
  [66, { event: "hinted", hint: 1 }],
  [70, acted("unit restart web-1", "web-1")],
  [76, acted("config rollback 9", "config", { ok: false })],
  [80, { event: "diagnosed", diagnosis: { ...RIGHT, scope: "everyone" } }],
  [85, { event: "checked", ok: false, felt: ["30.0 % of requests fail"] }],
  [90, { event: "diagnosed", diagnosis: RIGHT }],
  [100.4, acted("config rollback", "config", { ms: 600 })],
  [113.5, { event: "users", well: true, since: iso(100) }],
  [114, { event: "ending", reason: "asked" }],
  [114, { event: "checked", ok: true, felt: [] }],
  [130, { event: "restarted", well: true, seconds: 16 }],
  [
    130,
    {
      event: "measured",
      impact: {
        failedRequestRatio: 0.3,
        affectedUserRatio: 0.31,
        statuses: { "200": 7, "503": 3 },
        seconds: 46,
        figures: [],
        inBand: true,
      },
      userMinutesLostPer1000: 400,
    },
  ],
);

describe("a drill's state", () => {
  it("is a fold: every prefix of a journal is a state, and one more line leads to the next", () => {
    for (let length = 0; length < whole.length; length++) {
      const line = whole[length];
      if (line)
        expect(fold(stateOf(whole.slice(0, length)), line)).toEqual(stateOf(whole.slice(0, length + 1)));
    }
  });

  it("goes through its phases", () => {
    const phases = whole.map((_, i) => stateOf(whole.slice(0, i + 1)).phase);
    expect([...new Set(phases)]).toEqual(["briefing", "steady", "changed", "open", "ending"]);
    const result = resultOf(stateOf(whole), unevenWeights);
    const done = journal([0, { event: "debriefed", result }]);
    expect(stateOf([...whole, ...done]).phase).toBe("done");
    for (const event of ["refused", "void"] as const)
      expect(stateOf(journal([0, { event, reason: "why" }]))).toMatchObject({ phase: event, reason: "why" });
  });

  it("takes the first page, the last diagnosis, and forgets that users were well when they are not", () => {
    const state = stateOf([
      ...whole,
      ...journal(
        [200, { event: "paged", alert: "Other", summary: "" }],
        [201, { event: "users", well: false, since: iso(200) }],
        [202, { event: "hinted", hint: 1 }],
      ),
    ]);
    expect(state).toMatchObject({
      pagedAt: START + 24_000,
      page: { alert: "HighFailureRatio" },
      diagnosis: { ...RIGHT, at: START + 90_000 },
      wellSince: null,
      hints: 1,
    });
  });
});

describe("an act of a measure or the instructor", () => {
  const byMeasure = { by: "measure:auto-rollback" };
  const restored = (...more: readonly (readonly [number, DrillEvent])[]): JournalLine[] =>
    journal(...OPENING, ...more, [60, { event: "users", well: true, since: iso(50) }]);

  it("that restores users is in the result as such, with the users' times", () => {
    const result = resultOf(
      stateOf(
        restored(
          [30, acted("unit restart web-2", "web-2")],
          [50, acted("config rollback", "config", byMeasure)],
        ),
      ),
      unevenWeights,
    );
    expect(result).toMatchObject({
      restoredBy: "measure:auto-rollback",
      measured: { secondsToMitigate: 30, secondsToRestore: 30 },
    });
  });

  it("that left nothing of the change restores users, whatever is done until they feel it", () => {
    const undone = (nothingLeft: boolean) =>
      resultOf(
        stateOf(
          restored(
            [30, acted("config rollback", "config", byMeasure)],
            [
              30.1,
              {
                event: "caught",
                ...byMeasure,
                change: "chg-1003",
                kind: "config",
                author: "ops",
                subjects: ["balancer"],
                message: "",
                nothingLeft,
              },
            ],
            [45, acted("unit restart web-3", "web-3")],
          ),
        ),
        unevenWeights,
      );
    expect(undone(true)).toMatchObject({
      restoredBy: "measure:auto-rollback",
      measured: { secondsToMitigate: 10, secondsToRestore: 30 },
    });
    expect(undone(false).restoredBy).toBeUndefined();
  });

  it("takes nothing from the trainee who repairs it after that", () => {
    const result = resultOf(
      stateOf(
        restored(
          [30, acted("config rollback", "config", byMeasure)],
          [50, acted("config rollback 1", "config")],
        ),
      ),
      unevenWeights,
    );
    expect(result.restoredBy).toBeUndefined();
    expect(result.measured.secondsToMitigate).toBe(30);
  });

  it("on a false lead's subject is no wrong turn of the trainee's, and costs no time", () => {
    const on = (by: string) =>
      resultOf(stateOf(restored([25, acted("unit restart database", "database", { by })])), unevenWeights);
    expect(on("trainee")).toMatchObject({
      wrongActions: ["unit restart database"],
      minutesOnFalseLeads: 0.4,
    });
    expect(on("measure:x")).toMatchObject({ wrongActions: [], minutesOnFalseLeads: 0 });
    expect(on("instructor")).toMatchObject({ wrongActions: [], minutesOnFalseLeads: 0 });
  });

  it("that acknowledges is not the trainee's answer to the page", () => {
    const acknowledged = (by: string) =>
      stateOf(journal(...OPENING, [30, { event: "acknowledged", alerts: ["HighFailureRatio"], by }]));
    expect(acknowledged("instructor").acknowledgedAt).toBeNull();
    expect(acknowledged("trainee").acknowledgedAt).toBe(START + 30_000);
  });

  it("is distinguished from what an account of that name did past the lab", () => {
    const noticed: DrillEvent = {
      event: "noticed",
      action: "kill",
      subject: "x",
      ok: true,
      message: "",
      ms: 0,
      by: "instructor",
    };
    expect(stateOf(journal(...OPENING, [30, noticed])).acts).toMatchObject([{ own: true }]);
    expect(stateOf(journal(...OPENING, [30, acted("kill", "x", { by: "instructor" })])).acts).toMatchObject([
      { own: false },
    ]);
  });
});

describe("a drill's result", () => {
  it("has the page, how long after the first failure it came, and what fired", () => {
    expect(resultOf(stateOf(whole), unevenWeights).alerts).toMatchObject({
      page: "HighFailureRatio",
      secondsFromFirstFailure: 3,
      fired: ["HighFailureRatio"],
      falsePages: [],
    });
  });

  it("counts a page before the change as a false one, and alerts by what the scenario expects of them", () => {
    const scenario = {
      ...unevenWeights,
      alerts: { mustFire: ["HighFailureRatio"], mustNotFire: ["LoginFailures"] },
    };
    const alerts = (...more: readonly (readonly [number, DrillEvent])[]) =>
      resultOf(stateOf(journal(...more)), scenario).alerts;
    expect(alerts(...OPENING).asExpected).toBe(true);
    expect(alerts(...OPENING.slice(0, -2)).asExpected).toBe(false);
    expect(alerts(...OPENING, fires(25, "LoginFailures")).asExpected).toBe(false);
    expect(alerts(...OPENING, fires(25, "QueueFull")).asExpected).toBe(true);
    const early = alerts(OPENING[0], OPENING[1], [
      20,
      { event: "paged", alert: "SlowRequests", summary: "" },
    ]);
    expect(early).toMatchObject({ page: null, falsePages: ["SlowRequests"], asExpected: false });
  });

  it("does not count what fires while the judge restarts everything", () => {
    const restart = fires(115, "BalancerUnreachable");
    expect(resultOf(stateOf([...whole, ...journal(restart)]), unevenWeights).alerts.fired).toEqual([
      "HighFailureRatio",
    ]);
  });

  it("has the times from the change on", () => {
    expect(resultOf(stateOf(whole), unevenWeights).measured).toMatchObject({
      secondsToDetect: 4,
      secondsToIdentify: 70,
      secondsToMitigate: 79.8,
      secondsToRestore: 80,
    });
  });

  it("has the decisive action by its beginning: users may be well before it is over", () => {
    const slow = journal(
      ...OPENING,
      [40, acted("unit restart web-1", "web-1")],
      [60, acted("unit restart balancer", "balancer", { ms: 5000 })],
      [70, { event: "users", well: true, since: iso(56.5) }],
    );
    expect(resultOf(stateOf(slow), unevenWeights).measured).toMatchObject({
      secondsToMitigate: 35,
      secondsToRestore: 36.5,
    });
  });

  it("forgives a window that begins a moment before the repair, and never restores before it", () => {
    const blurred = journal(
      ...OPENING,
      [50, acted("config rollback", "config", { ms: 100 })],
      [63, { event: "users", well: true, since: iso(49.5) }],
    );
    expect(resultOf(stateOf(blurred), unevenWeights).measured).toMatchObject({
      secondsToMitigate: 29.9,
      secondsToRestore: 29.9,
    });
  });

  it("counts no refused action, and none that came after users were well, as decisive", () => {
    const acts = journal(
      ...OPENING,
      [40, acted("config rollback", "config")],
      [41, acted("unit stop nobody", "nobody", { ok: false })],
      [60, { event: "users", well: true, since: iso(42) }],
      [65, acted("unit restart web-2", "web-2")],
    );
    expect(resultOf(stateOf(acts), unevenWeights).measured.secondsToMitigate).toBe(20);
  });

  it("has no time for what never happened", () => {
    expect(resultOf(stateOf(journal(...OPENING.slice(0, 3))), unevenWeights)).toMatchObject({
      measured: {
        secondsToDetect: null,
        secondsToIdentify: null,
        secondsToMitigate: null,
        secondsToRestore: null,
        userMinutesLostPer1000: 0,
      },
      inBand: false,
      check: "NO",
      durable: false,
      diagnosis: null,
    });
  });

  it("identifies nothing by a wrong diagnosis", () => {
    const wrong = whole.filter(({ seq }) => seq !== 14);
    const result = resultOf(stateOf(wrong), unevenWeights);
    expect(result.diagnosis).toEqual({ ...RIGHT, scope: "everyone", correct: false });
    expect(result.measured.secondsToIdentify).toBeNull();
  });

  it("is OK by the judge's own check at the end, not by one that passed before", () => {
    const late = [...whole, ...journal([140, { event: "checked", ok: false, felt: ["worse"] }])];
    expect(resultOf(stateOf(whole), unevenWeights).check).toBe("OK");
    expect(resultOf(stateOf(late), unevenWeights).check).toBe("NO");
  });

  it("lists what was done to a false lead as wrong actions, and no slip that was refused", () => {
    expect(resultOf(stateOf(whole), unevenWeights).wrongActions).toEqual(["unit restart web-1"]);
  });

  it("counts the time from each look at a false lead to the next look elsewhere, less a glance of 20 s", () => {
    // The database was looked at for 30 s; web-1 was restarted, and 6 s spent on it.
    expect(resultOf(stateOf(whole), unevenWeights).minutesOnFalseLeads).toBe(0.3);
  });

  it("counts nothing for a glance at a false lead, which is what refutes it", () => {
    const glance = journal(
      ...OPENING,
      [30, { event: "looked", subject: "database" }],
      [45, { event: "looked", subject: "config" }],
    );
    expect(resultOf(stateOf(glance), unevenWeights).minutesOnFalseLeads).toBe(0);
  });

  it("counts a false lead that was never left until users were well, or the end", () => {
    const stuck = journal(...OPENING, [30, { event: "looked", subject: "database" }]);
    const ending = journal([90, { event: "ending", reason: "asked" }]);
    expect(resultOf(stateOf([...stuck, ...ending]), unevenWeights).minutesOnFalseLeads).toBe(0.7);
    const well = journal([85, { event: "users", well: true, since: iso(60) }]);
    expect(resultOf(stateOf([...stuck, ...well]), unevenWeights).minutesOnFalseLeads).toBe(0.2);
  });
});
