import { describe, expect, it } from "vitest";
import { alertSpans } from "../../../lab/simulate/alert-spans.ts";
import { createSeriesRecorder } from "../../../lab/chart/series.ts";
import { timelineOf } from "../../../lab/simulate/timeline.ts";
import { probed } from "../../support/probe-record.ts";
import { CHANGED_AT, journalOf, exampleSimulation } from "../../support/example-simulation.ts";

describe("a simulation's timeline", () => {
  it("has changes, alerts, the responder's lines and acts in order, by minutes from the change", () => {
    expect(timelineOf(exampleSimulation()).map(({ minute, event }) => [minute, event])).toEqual([
      [0, "change"],
      [0.02, "impact"],
      [0.1, "alert"],
      [0.12, "page"],
      [0.13, "responder"],
      [0.5, "diagnosis"],
      // When it was begun; the journal has when it was over.
      [1, "action"],
      [1.08, "check"],
      [1.33, "check"],
      [1.35, "end"],
      [1.38, "resolved"],
      [1.83, "restarted"],
    ]);
  });

  it("shows what an action, a refusal and a check came to", () => {
    const journal = journalOf([
      [0, { event: "changed" }],
      [
        10,
        {
          event: "acted",
          action: "unit start web-9",
          subject: "web-9",
          ok: false,
          message: "no such unit",
          ms: 0,
        },
      ],
      [20, { event: "checked", ok: false, felt: ["a", "b"] }],
    ]);
    const reported = timelineOf(exampleSimulation({ journal, changes: [], said: [] }));
    expect(reported.map(({ detail }) => detail)).toEqual([
      "unit start web-9: refused: no such unit",
      "NO: a; b",
    ]);
  });

  it("counts from steady state where nothing was changed", () => {
    const journal = journalOf([
      [-60, { event: "steady", requestsPerSecond: 1, p95Ms: {} }],
      [0, { event: "ending", reason: "asked" }],
    ]);
    expect(timelineOf(exampleSimulation({ journal, changes: [], said: [] }))).toMatchObject([
      { minute: 1, event: "end" },
    ]);
  });
});

describe("alerts", () => {
  it("span from firing to their end, and those of the judge's restart are left out", () => {
    expect(alertSpans(exampleSimulation().journal)).toEqual([
      {
        name: "HighFailureRatio",
        severity: "page",
        labels: { alertname: "HighFailureRatio", severity: "page" },
        firedAt: CHANGED_AT + 6000,
        resolvedAt: CHANGED_AT + 83_000,
      },
    ]);
  });

  it("that fire again have a span for each time, and none ends that never fired", () => {
    const alert = {
      event: "alert",
      alert: "QueueFull",
      severity: "inform",
      labels: { pool: "auth" },
    } as const;
    const spans = alertSpans(
      journalOf([
        [1, { ...alert, from: "inactive", to: "pending" }],
        [2, { ...alert, from: "pending", to: "inactive" }],
        [3, { ...alert, from: "pending", to: "firing" }],
        [4, { ...alert, labels: { pool: "web" }, from: "pending", to: "firing" }],
        [5, { ...alert, from: "firing", to: "inactive" }],
        [9, { ...alert, from: "pending", to: "firing" }],
      ]),
    );
    expect(spans.map(({ labels, firedAt, resolvedAt }) => [labels["pool"], firedAt, resolvedAt])).toEqual([
      ["auth", CHANGED_AT + 3000, CHANGED_AT + 5000],
      ["web", CHANGED_AT + 4000, null],
      ["auth", CHANGED_AT + 9000, null],
    ]);
  });
});

describe("the traffic that is drawn", () => {
  it("counts in its bucket what was routed, what users and load sent, and what failed on each route", () => {
    const recorder = createSeriesRecorder({ fromMs: 10_000, bucketMs: 1000 });
    recorder.routed(10_500, "web-1");
    recorder.routed(12_999, "web-1");
    recorder.routed(12_000, undefined);
    recorder.probed({
      type: "probe",
      at: 12_000,
      openSince: [],
      records: [probed({ sentAt: 11_200 }), probed({ sentAt: 11_900, result: "refused" })],
    });
    recorder.loaded({ type: "load", at: 11_000, sent: 100, answered: 90, failed: 10 });
    recorder.loaded({ type: "load", at: 12_000, sent: 250, answered: 220, failed: 30 });
    // Started afresh.
    recorder.loaded({ type: "load", at: 13_000, sent: 40, answered: 40, failed: 0 });
    expect(recorder.series()).toEqual({
      fromMs: 10_000,
      bucketMs: 1000,
      upstreams: { "web-1": [1, 0, 1] },
      sent: [0, 102, 150, 40],
      routes: { page: { sent: [0, 2], failed: [0, 1] } },
    });
  });
});
