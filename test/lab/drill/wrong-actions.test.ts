import { describe, expect, it } from "vitest";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { stateOf } from "../../../lab/drill/state.ts";
import { weighed, wrongActions } from "../../../lab/drill/wrong-actions.ts";

const T = Date.UTC(2026, 0, 1);
const HURT = { before: 0.1, after: 0.5 };

/** A step that was over at `at` (ms) and took 500 ms. */
const acted = (at: number, action: string, more: object = {}): JournalLine =>
  ({
    seq: 1,
    at: new Date(T + at).toISOString(),
    event: "acted",
    subject: "web-1",
    action,
    ok: true,
    ms: 500,
    message: "done",
    ...more,
  }) as unknown as JournalLine;
const state = (lines: readonly JournalLine[], wellSince: number | null = null) => ({
  ...stateOf(lines),
  wellSince,
});
const weigh = (lines: readonly JournalLine[], hurtAt: readonly number[], wellSince: number | null = null) =>
  weighed(state(lines, wellSince), lines, {
    harms: new Map(hurtAt.map((at) => [T + at, HURT])),
    faulty: new Set(["bad"]),
  });

describe("a step that counts as wrong by measure", () => {
  it("is one that affected users, identified by its beginning, with its figures", () => {
    expect(weigh([acted(1500, "unit stop web-1")], [1000])).toEqual([
      {
        at: new Date(T + 1000).toISOString(),
        action: "unit stop web-1",
        because: "hurt-users",
        detail: "50.0 % of requests failed after it, 10.0 % before",
      },
    ]);
    expect(weigh([acted(1500, "unit stop web-1")], [1500, 2000])).toEqual([]);
  });

  it("is also what was done past the lab, and never what was refused or is no step", () => {
    const step = acted(1500, "kill web-1");
    expect(weigh([{ ...step, event: "noticed" } as JournalLine], [1000])).toHaveLength(1);
    expect(weigh([{ ...step, event: "looked" } as JournalLine], [1000])).toEqual([]);
    expect(weigh([acted(1500, "unit stop web-1", { ok: false })], [1000])).toEqual([]);
  });

  it("is never one of a measure's or the instructor's", () => {
    for (const by of ["measure:auto-rollback", "instructor"])
      expect(
        weigh([acted(1500, "config rollback", { by, config: { before: "x", after: "bad" } })], [1000]),
      ).toEqual([]);
  });

  it("is one that puts a faulty version in place", () => {
    const apply = (after: string) => acted(1500, "config apply", { config: { before: "x", after } });
    expect(weigh([apply("bad")], [])).toMatchObject([{ because: "faulty-version" }]);
    expect(weigh([apply("good")], [])).toEqual([]);
  });

  it("is not the one after which users were well, whatever it did to them first", () => {
    const lines = [acted(1500, "unit stop web-1"), acted(9500, "config rollback")];
    expect(weigh(lines, [1000, 9000], T + 9600)).toMatchObject([{ action: "unit stop web-1" }]);
  });
});

it("one step is one wrong action, though it is wrong for two reasons at the same moment", () => {
  const lines = [acted(1500, "unit stop web-1")];
  const wrong = {
    at: new Date(T + 1000).toISOString(),
    action: "unit stop web-1",
    because: "hurt-users",
    detail: "",
  } as const;
  const of = (all: readonly (typeof wrong | { readonly action: string })[]) =>
    wrongActions({ ...state(lines), wrong: all as never }, { falseLeads: [] } as never);
  expect(of([wrong, { ...wrong, because: "faulty-version" } as never])).toEqual([wrong]);
  expect(of([{ ...wrong, action: "another at the same moment" }])).toEqual([]);
  expect(of([{ ...wrong, at: new Date(T + 1001).toISOString() }])).toEqual([]);
});
