import type { DrillEvent, JournalLine } from "../../lab/drill/events.ts";
import { stateOf } from "../../lab/drill/state.ts";
import type { Simulation } from "../../lab/simulate/simulate-drill.ts";

/** When the change of a made-up simulation came, epoch ms. */
export const CHANGED_AT = Date.UTC(2026, 0, 1, 0, 1);

const iso = (second: number): string => new Date(CHANGED_AT + second * 1000).toISOString();

/** Journal lines by the second after the change. */
export const journalOf = (events: readonly (readonly [number, DrillEvent])[]): JournalLine[] =>
  events.map(([second, event], i) => ({ seq: i + 1, at: iso(second), ...event }));

const FIRING = { severity: "page", labels: { alertname: "HighFailureRatio", severity: "page" } };

const EVENTS: readonly (readonly [number, DrillEvent])[] = [
  [-20, { event: "created", drill: "d", alias: "lantern", seed: 1, sealed: "", timeLimitMs: null }],
  [-5, { event: "steady", requestsPerSecond: 200, p95Ms: {} }],
  [0, { event: "changed" }],
  [5, { event: "impact", failedRatio: 0.3, affectedRatio: 0.1, firstFailureAt: iso(1) }],
  [6, { event: "alert", alert: "HighFailureRatio", ...FIRING, from: "pending", to: "firing" }],
  [7, { event: "paged", alert: "HighFailureRatio", summary: "30 % & more fail" }],
  [
    30,
    {
      event: "diagnosed",
      diagnosis: { component: "web", mechanism: "traffic-skewed", scope: "some-requests" },
    },
  ],
  [
    61,
    {
      event: "acted",
      action: "config rollback 1",
      subject: "config",
      ok: true,
      message: "version 3",
      ms: 1000,
    },
  ],
  [65, { event: "checked", ok: false, felt: ["some <fail>"] }],
  [70, { event: "checked", ok: false, felt: ["fewer fail"] }],
  [80, { event: "checked", ok: true, felt: [] }],
  [81, { event: "ending", reason: "solved" }],
  [83, { event: "alert", alert: "HighFailureRatio", ...FIRING, from: "firing", to: "inactive" }],
  [
    90,
    {
      event: "alert",
      alert: "UnitRestarting",
      severity: "inform",
      labels: {},
      from: "pending",
      to: "firing",
    },
  ],
  [94, { event: "checked", ok: true, felt: [] }],
  [110, { event: "restarted", well: true, seconds: 14 }],
];

/** A simulation's results, as far as they are printed and drawn. */
export function exampleSimulation(
  given: Partial<Simulation> = {},
): Pick<Simulation, "journal" | "state" | "changes" | "said" | "series"> {
  const journal = given.journal ?? journalOf(EVENTS);
  return {
    journal,
    state: stateOf(journal),
    changes: [
      {
        id: "chg-1001",
        at: iso(0.2),
        kind: "config",
        by: "ops",
        summary: "maintenance",
        subjects: ["balancer"],
        detail: "version 1 to 2",
      },
    ],
    said: [{ at: CHANGED_AT + 8000, line: "looking around" }],
    series: {
      fromMs: CHANGED_AT - 20_000,
      bucketMs: 1000,
      upstreams: {
        "web-10": Array.from({ length: 120 }, () => 50),
        "web-2": Array.from({ length: 120 }, () => 100),
      },
      sent: Array.from({ length: 120 }, (_, i) => (i < 5 ? 0 : 200)),
      routes: {
        page: {
          sent: Array.from({ length: 120 }, (_, i) => (i < 5 ? 0 : 200)),
          failed: Array.from({ length: 120 }, (_, i) => (i < 20 || i > 80 ? 0 : 60)),
        },
        login: {
          sent: Array.from({ length: 120 }, (_, i) => (i % 10 === 5 ? 3 : 0)),
          failed: Array.from({ length: 120 }, (_, i) => (i % 10 === 5 && i >= 20 && i <= 80 ? 3 : 0)),
        },
      },
    },
    ...given,
  };
}
