import { describe, expect, it } from "vitest";
import type { Measure, Ruling } from "../../../lab/measures/measure.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { doNothing } from "../../../lab/responders/none.ts";
import { deadBackends } from "../../../scenarios/dead-backends/scenario.ts";
import { createDrillBench, REPAIR } from "../../support/fake-drill.ts";
import { SICK, WELL } from "../../support/fake-world.ts";
import { reverting, ruling } from "../../support/measures.ts";
import { simulated } from "../../support/simulations.ts";

const FINDING = {
  file: "configuration",
  line: 1,
  column: 1,
  path: "pools.web",
  code: "NO_HEALTH_CHECK",
  severity: "warning",
  message: "the measure has no health check",
} as const;

/** No trainee acts. */
const alone = (...measures: readonly Measure[]) =>
  simulated(deadBackends, { measures, responder: doNothing });
/** The trainee answers the page, and repairs it. */
const attended = (...measures: readonly Measure[]) => simulated(deadBackends, { measures });

const linesOf = <Event extends JournalLine["event"]>(journal: readonly JournalLine[], event: Event) =>
  journal.filter((line): line is JournalLine & { event: Event } => line.event === event);

describe("a measure that refuses the change", () => {
  it("prevents the incident: no user is affected, nobody is paged, and the drill ends with a result", async () => {
    const { result, state, journal, changes } = await alone(
      ruling("semantic-check", () => ({ ruling: "refuse", message: "no check", findings: [FINDING] })),
    );
    expect(result).toMatchObject({
      outcome: "prevented",
      outcomeBy: "measure:semantic-check",
      check: "OK",
      durable: true,
      measured: { userMinutesLostPer1000: 0 },
      wrongActions: [],
      resetEqual: true,
    });
    expect(state).toMatchObject({ impactAt: null, pagedAt: null, acts: [], falsePages: [] });
    expect(linesOf(journal, "prevented")).toMatchObject([
      {
        by: "measure:semantic-check",
        kind: "config",
        author: "ops-inventory",
        subjects: ["balancer"],
        isAct: false,
        findings: ["NO_HEALTH_CHECK"],
      },
    ]);
    expect(changes.filter(({ kind }) => kind === "config")).toEqual([]);
  });

  it("sees the text before and after it, and which environment a package is for", async () => {
    const seen: string[] = [];
    await attended(
      ruling("syntax-check", ({ config }) => {
        seen.push(config?.before ?? "", config?.after ?? "");
        return { ruling: "refuse", message: "" };
      }),
    );
    expect(seen[0]).not.toContain("web-10");
    expect(seen[1]).toContain("web-10");
  });

  it("does so with a reviewer's answer, which may take its time", async () => {
    const reviewed = (approved: boolean) =>
      ruling("review", (_change, { clock }) => ({
        ruling: "ask",
        message: "a reviewer is asked",
        answer: new Promise((resolve) =>
          clock.after(6000, () => resolve({ approved, message: approved ? "looks good" : "dead servers" })),
        ),
      }));
    const refused = await attended(reviewed(false));
    expect(refused.result).toMatchObject({ outcome: "prevented", outcomeBy: "measure:review" });
    expect(linesOf(refused.journal, "held")).toMatchObject([{ by: "measure:review", ms: 6000 }]);
    const approved = await attended(reviewed(true));
    expect(approved.result.outcome).toBeUndefined();
    expect(approved.result.check).toBe("OK");
    expect(linesOf(approved.journal, "prevented")).toEqual([]);
  });

  it("or delays it only changes when users are affected", async () => {
    const { result, journal } = await attended(
      ruling("slow-push", (): Ruling => ({ ruling: "delay", ms: 9000, message: "baking" })),
    );
    expect(result).toMatchObject({ check: "OK", alerts: { page: expect.any(String) as unknown } });
    expect(result.outcome).toBeUndefined();
    const [changed] = linesOf(journal, "changed");
    const [impact] = linesOf(journal, "impact");
    expect(Date.parse(impact?.firstFailureAt ?? "") - Date.parse(changed?.at ?? "")).toBeGreaterThan(9000);
  });
});

describe("a measure that undoes the change", () => {
  it("catches the incident once users are well again, by its own act, and the drill ends by itself", async () => {
    const { result, state, journal, changes } = await alone(reverting("auto-rollback", 25_000));
    expect(result).toMatchObject({
      outcome: "caught",
      outcomeBy: "measure:auto-rollback",
      restoredBy: "measure:auto-rollback",
      check: "OK",
      durable: true,
      wrongActions: [],
    });
    expect(result.measured.userMinutesLostPer1000).toBeGreaterThan(0);
    expect(state).toMatchObject({ endReason: "caught", acts: [{ by: "measure:auto-rollback", own: false }] });
    expect(state.impactAt).not.toBeNull();
    expect(linesOf(journal, "caught")).toMatchObject([
      { change: "chg-1003", author: "ops-inventory", nothingLeft: true },
    ]);
    expect(changes.at(-1)).toMatchObject({ by: "measure:auto-rollback", summary: "change revert chg-1003" });
  });

  it("before any user is affected catches it, too", async () => {
    const { result, state } = await attended(reverting("canary", 200));
    expect(result).toMatchObject({ outcome: "caught", outcomeBy: "measure:canary", check: "OK" });
    expect(state).toMatchObject({ impactAt: null, pagedAt: null });
  });

  it("is the same to the last event for the same seed, and one that allows all changes nothing", async () => {
    const measured = async (...measures: readonly Measure[]) => (await attended(...measures)).digest;
    expect(await measured(reverting("canary", 200))).toBe(await measured(reverting("canary", 200)));
    expect(await measured(ruling("allows", () => ({ ruling: "allow" })))).toBe(await measured());
  });
});

describe("measures and the trainee", () => {
  const refusing = ruling("semantic-check", () => ({ ruling: "refuse", message: "weights" }));

  it("an act that a measure refuses is not done, and is in the record", async () => {
    const bench = createDrillBench({ measures: [refusing] });
    await bench.runUntil("paged");
    expect(await bench.drill.act(REPAIR)).toEqual({
      ok: false,
      message: "measure:semantic-check refused it: weights",
    });
    expect(bench.world.calls).not.toContain("act config rollback");
    expect(linesOf(bench.journal.lines, "prevented")).toMatchObject([{ author: "trainee", isAct: true }]);
    expect(bench.drill.state).toMatchObject({ prevented: [], acts: [{ ok: false, own: true }] });
  });

  it("an act of the instructor's goes past all measures", async () => {
    const bench = createDrillBench({ measures: [refusing] });
    await bench.runUntil("paged");
    expect(await bench.drill.act(REPAIR, "instructor")).toMatchObject({ ok: true });
    expect(linesOf(bench.journal.lines, "acted")).toMatchObject([{ by: "instructor", ok: true }]);
  });

  it("a measure's own act goes past all measures, and none is done after the end", async () => {
    let actions: Parameters<Measure["begin"]>[0] | undefined;
    const acting: Measure = { name: "auto-rollback", begin: (given) => ((actions = given), {}) };
    const bench = createDrillBench({ measures: [acting, refusing] });
    await bench.runUntil("paged");
    expect(await actions?.act(REPAIR)).toMatchObject({ ok: true });
    bench.drill.end("asked");
    await bench.until("reset");
    await bench.pass(0);
    expect(await actions?.act(REPAIR)).toEqual({ ok: false, message: "the drill has ended" });
    expect(linesOf(bench.journal.lines, "acted")).toMatchObject([{ by: "measure:auto-rollback" }]);
    expect(actions?.signal.aborted).toBe(true);
  });

  it("an undo that restores no user ends nothing, and the trainee who repairs it has passed", async () => {
    const undoes: Measure = {
      name: "auto-rollback",
      begin: ({ act, clock, sight }) => {
        clock.after(25_000, () => void act({ do: "unit restart", unit: "web-1" }, sight.changes()[0]));
        return {};
      },
    };
    const bench = createDrillBench({ measures: [undoes] });
    bench.run();
    await bench.until("changed");
    const { state } = bench.world;
    bench.world.state = { ...state, config: "version 2" };
    bench.world.onRestore = async () => void (bench.world.state = state);
    await bench.until("caught");
    bench.world.mood = SICK;
    await bench.pass(20_000);
    expect(bench.drill.state).toMatchObject({ phase: "open", caught: [{ by: "measure:auto-rollback" }] });
    await bench.drill.act(REPAIR);
    expect(await bench.check()).toBe(true);
    bench.drill.end("solved");
    await bench.until("reset");
    await bench.pass(0);
    expect(bench.outcome.result?.check).toBe("OK");
    expect(bench.outcome.result?.outcome).toBeUndefined();
    expect(bench.outcome.result?.restoredBy).toBeUndefined();
  });

  it("a wrong fix between an undo and its effect is no merit of the trainee", async () => {
    const undoes: Measure = {
      name: "auto-rollback",
      begin: ({ act, clock, sight }) => {
        clock.after(25_000, () => void act({ do: "unit restart", unit: "web-1" }, sight.changes()[0]));
        return {};
      },
    };
    const bench = createDrillBench({ measures: [undoes] });
    await bench.runUntil("caught");
    await bench.drill.act({ do: "unit restart", unit: "web-3" });
    bench.world.mood = WELL;
    await bench.until("reset");
    await bench.pass(0);
    expect(bench.outcome.result).toMatchObject({
      outcome: "caught",
      outcomeBy: "measure:auto-rollback",
      restoredBy: "measure:auto-rollback",
    });
  });

  it("a measure that throws makes the drill void", async () => {
    const broken: Measure = {
      name: "broken",
      begin: () => ({
        after() {
          throw new Error("a bug");
        },
      }),
    };
    await expect(attended(broken)).rejects.toThrow("a bug");
  });
});
