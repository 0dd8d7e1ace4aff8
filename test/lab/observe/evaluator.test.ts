import { describe, expect, it } from "vitest";
import { startEvaluator } from "../../../lab/observe/evaluator.ts";
import { parsePagerConfig } from "../../../lab/observe/pager/config.ts";
import { createQueryEngine } from "../../../lab/observe/promql/engine.ts";
import { loadRules } from "../../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../../lab/observe/sample-store.ts";
import type { Clock } from "../../../runtime/clock.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const PAGER = `route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n`;

/** A clock whose timers are late by what the test says, each by the next in turn, and whose wall clock it may set. */
function createLateClock(...lateByMs: readonly number[]) {
  const manual = createManualClock();
  let turn = 0;
  let setBy = 0;
  const clock: Clock = {
    now: manual.now,
    // As the system's: whole milliseconds.
    wall: () => Math.floor(manual.wall() + setBy),
    after: (ms, run) => manual.after(ms + (lateByMs[turn++ % lateByMs.length] ?? 0), run),
  };
  return { clock, advance: manual.advance, set: (ms: number) => (setBy += ms) };
}

function watch(clock: Clock, rules: readonly Readonly<Record<string, unknown>>[], more: object = {}) {
  const store = createSampleStore({ retentionMs: 3_600_000, maxSeries: 100 });
  const engine = createQueryEngine(store);
  const loaded = loadRules(JSON.stringify({ groups: [{ name: "a", ...more, rules }] }), "a", engine);
  const pager = parsePagerConfig(PAGER, "p");
  if (!loaded.ok || !pager.ok) throw new Error("not in order");
  const steps: (readonly [number, string])[] = [];
  const evaluator = startEvaluator(
    { groups: loaded.groups, pager: pager.config, intervalMs: 1000 },
    {
      clock,
      store,
      engine,
      onAlerts: (_alerts, changes) => {
        for (const { at, to } of changes) steps.push([at, to]);
      },
      onNotification() {},
    },
  );
  return { evaluator, store, engine, steps };
}

const JITTER = [3.7, 120, 0.2, 340, 14, 0, 77] as const;

describe("evaluations", () => {
  it.each(["1s", "2s", "5s"])(
    "lie on a grid: `for: %s` fires after exactly that, however late timers are",
    (hold) => {
      for (let from = 0; from < JITTER.length; from++) {
        const { clock, advance } = createLateClock(...JITTER.slice(from), ...JITTER.slice(0, from));
        const { steps, evaluator } = watch(clock, [{ alert: "Always", expr: "vector(1)", for: hold }]);
        advance(10_000);
        evaluator.stop();
        expect(steps.map(([, to]) => to)).toEqual(["pending", "firing"]);
        const [pendingAt = 0, firingAt = 0] = steps.map(([at]) => at);
        expect(firingAt - pendingAt).toBe(Number.parseInt(hold, 10) * 1000);
      }
    },
  );

  it("are one interval apart in what they write, to the millisecond", () => {
    const { clock, advance } = createLateClock(...JITTER);
    const { evaluator, engine } = watch(clock, [{ record: "r", expr: "1" }]);
    advance(6500);
    evaluator.stop();
    const value = engine.compile("r[1m]").at(clock.wall());
    const times = value.type === "matrix" ? (value.series[0]?.points.map(([at]) => at) ?? []) : [];
    expect(times.length).toBeGreaterThanOrEqual(5);
    expect(times.slice(1).map((at, i) => at - (times[i] ?? 0))).toEqual(times.slice(1).map(() => 1000));
  });

  it("that a blocked loop missed are skipped, and the next ones are on the grid again", () => {
    const { clock, advance } = createLateClock(0, 3400, ...Array.from({ length: 20 }, () => 0));
    const { evaluator, engine } = watch(clock, [{ record: "r", expr: "1" }]);
    const begun = clock.wall();
    advance(8000);
    evaluator.stop();
    const value = engine.compile("r[1m]").at(clock.wall());
    const times = value.type === "matrix" ? (value.series[0]?.points.map(([at]) => at - begun) ?? []) : [];
    expect(times).toEqual([1000, 5000, 6000, 7000, 8000]);
  });

  it.each([7_200_000, -7_200_000])("follow a wall clock that is set by %i ms", (ms) => {
    const { clock, advance, set } = createLateClock(0);
    const { evaluator } = watch(clock, [{ record: "r", expr: "1" }]);
    advance(3000);
    set(ms);
    advance(2000);
    expect(evaluator.rules.groups[0]?.rules[0]?.evaluatedAt).toBe(clock.wall());
    evaluator.stop();
  });

  it("of a group are as often as it says, also where that is no multiple of the evaluator's own interval", () => {
    const { clock, advance } = createLateClock(0);
    const { evaluator, engine } = watch(clock, [{ record: "r", expr: "1" }], { interval: "400ms" });
    const begun = clock.wall();
    advance(2000);
    evaluator.stop();
    const value = engine.compile("r[1m]").at(clock.wall());
    const times = value.type === "matrix" ? (value.series[0]?.points.map(([at]) => at - begun) ?? []) : [];
    expect(times).toEqual([400, 800, 1200, 1600, 2000]);
  });
});
