import { describe, expect, it } from "vitest";
import type { DrillEvent } from "../../../lab/drill/events.ts";
import { digestFacts } from "../../../lab/simulate/digest-facts.ts";

const AT = { seq: 1, at: "2026-01-01T00:00:00.000Z" };
const factsOf = (event: DrillEvent): string => JSON.stringify(digestFacts({ ...AT, ...event }));

const ACTED = {
  event: "acted",
  action: "unit restart web-1",
  subject: "web-1",
  ok: true,
  message: "restarted",
  ms: 40,
} as const;

/** Events of one kind that differ in their words only. */
const WORDS: readonly (readonly [DrillEvent, DrillEvent])[] = [
  [
    { event: "paged", alert: "HighFailureRatio", summary: "a third of requests fail" },
    { event: "paged", alert: "HighFailureRatio", summary: "33 % of requests fail" },
  ],
  [
    { event: "checked", ok: false, felt: ["12 % of requests fail"] },
    { event: "checked", ok: false, felt: ["one request in eight fails"] },
  ],
  [ACTED, { ...ACTED, message: "it is active", by: "responder:ideal", findings: ["no-health-check"] }],
  [
    { event: "reset", equal: false, ms: 12, differences: ["config: a, not b"] },
    { event: "reset", equal: false, ms: 12, differences: ["config differs"] },
  ],
  [
    { event: "void", reason: "the prober ended", because: "instruments" },
    { event: "void", reason: "the prober has ended", because: "instruments" },
  ],
];

/** Events of one kind that differ in a fact. */
const FACTS: readonly (readonly [DrillEvent, DrillEvent])[] = [
  [
    { event: "paged", alert: "HighFailureRatio", summary: "" },
    { event: "paged", alert: "SlowRequests", summary: "" },
  ],
  [
    { event: "checked", ok: false, felt: [] },
    { event: "checked", ok: true, felt: [] },
  ],
  [ACTED, { ...ACTED, ms: 41 }],
  [ACTED, { ...ACTED, by: "measure:auto-rollback" }],
  [
    { event: "reset", equal: false, ms: 12, differences: ["a"] },
    { event: "reset", equal: false, ms: 12, differences: ["a", "b"] },
  ],
  [
    { event: "void", reason: "", because: "instruments" },
    { event: "void", reason: "", because: "journal" },
  ],
];

describe("what a digest covers of a drill", () => {
  it.each(WORDS)("is the same in other words: %j", (one, other) => {
    expect(factsOf(one)).toBe(factsOf(other));
  });

  it.each(FACTS)("is another when a fact is another: %j", (one, other) => {
    expect(factsOf(one)).not.toBe(factsOf(other));
  });
});
