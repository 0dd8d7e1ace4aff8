import { describe, expect, it } from "vitest";
import { unseal } from "../../../lab/drill/seal.ts";
import { stateOf } from "../../../lab/drill/state.ts";
import { CodedError } from "../../../runtime/errors.ts";
import { createDrillBench, REPAIR } from "../../support/fake-drill.ts";
import { HANGING, pass, SICK, SLOW, settled, WELL, type Mood } from "../../support/fake-world.ts";

const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : String(error));

describe("a diagnosis", () => {
  it("names something that exists: a typing error is reported at once", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    const rest = { mechanism: "traffic-skewed", scope: "some-requests" } as const;
    expect(() => bench.drill.diagnose({ component: "wbe", ...rest })).toThrow(
      expect.objectContaining({
        message: 'there is no "wbe" here',
        hint: expect.stringContaining("there is ") as string,
      }),
    );
    expect(bench.drill.state.diagnosis).toBeNull();
    bench.drill.diagnose({ component: "balancer", ...rest });
    expect(bench.drill.state.diagnosis).toMatchObject({ component: "balancer" });
  });
});

it("a diagnosis names what goes wrong by the lab's words, and by those of the scenario", async () => {
  const bench = createDrillBench({}, undefined, {
    words: { components: { dns: "names" }, mechanisms: { "clock-skew": "two clocks" } },
  });
  await bench.runUntil("paged");
  const given = { component: "dns", mechanism: "clock-skew", scope: "everyone" } as const;
  expect(() => bench.drill.diagnose({ ...given, mechanism: "clock-screw" })).toThrow(
    expect.objectContaining({
      message: 'there is no mechanism "clock-screw"',
      hint: expect.stringMatching(/^there is port-taken, .*, clock-skew$/) as string,
    }),
  );
  bench.drill.diagnose(given);
  expect(bench.drill.state.diagnosis).toMatchObject(given);
});

describe("a drill that is solved", () => {
  const solved = async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.pass(12_000);
    bench.drill.looked("changes");
    bench.drill.diagnose({ component: "web", mechanism: "traffic-skewed", scope: "some-requests" });
    await bench.drill.act(REPAIR);
    expect(await bench.check()).toBe(true);
    bench.drill.end("solved");
    await bench.until("reset");
    await bench.pass(0);
    return bench;
  };

  it("goes through its phases in order, each a line of its journal", async () => {
    const { journal } = await solved();
    expect(journal.events.filter((event) => event !== "users" && event !== "alert")).toEqual([
      "created",
      "steady",
      "changed",
      "impact",
      "paged",
      "looked",
      "diagnosed",
      "acted",
      "checked",
      "ending",
      "checked",
      "restarted",
      "assessed",
      "measured",
      "debriefed",
      "reset",
    ]);
  });

  it("has its times from the change on, and what users lost until they were well", async () => {
    const { outcome } = await solved();
    const measured = outcome.result?.measured;
    expect(measured?.secondsToDetect).toBeGreaterThan(2);
    expect(measured?.secondsToDetect).toBeLessThan(6);
    const mitigated = measured?.secondsToMitigate ?? 0;
    expect(mitigated).toBeGreaterThan(14);
    expect(measured?.secondsToRestore).toBeGreaterThanOrEqual(mitigated);
    expect(measured?.secondsToRestore).toBeLessThan(mitigated + 1.5);
    // A third of 1,000 users for as long as it took.
    expect(measured?.userMinutesLostPer1000).toBeGreaterThan((333 * mitigated) / 60 - 40);
    expect(measured?.userMinutesLostPer1000).toBeLessThan((333 * (mitigated + 10)) / 60);
  });

  it("has its result: measured, in band, right, lasting", async () => {
    const { outcome } = await solved();
    expect(outcome.error).toBeUndefined();
    expect(outcome.result).toMatchObject({
      scenario: "uneven-weights",
      alias: "lantern",
      inBand: true,
      check: "OK",
      durable: true,
      diagnosis: { correct: true },
      wrongActions: [],
      hints: 0,
    });
    expect(outcome.result?.measured.failedRequestRatio).toBeCloseTo(0.334, 2);
    expect(outcome.result?.measured.affectedUserRatio).toBeCloseTo(0.334, 2);
  });

  it("puts back last in, first out, and compares", async () => {
    const { world, journal } = await solved();
    expect(world.calls).toEqual([
      "start",
      "change",
      "act config rollback",
      "acted config rollback",
      "reboot",
      "undo change",
      "undo prelude",
      "restore",
    ]);
    expect(journal.lines.at(-1)).toMatchObject({ event: "reset", equal: true, differences: [] });
  });

  it("names the scenario nowhere before its debrief, but sealed", async () => {
    const { journal } = await solved();
    const [created, ...rest] = journal.lines;
    if (created?.event !== "created") throw new Error("the first line is of no beginning");
    expect(unseal("d1", created.sealed)).toBe("uneven-weights");
    const before = [
      created,
      ...rest.slice(
        0,
        rest.findIndex(({ event }) => event === "debriefed"),
      ),
    ];
    expect(JSON.stringify(before)).not.toMatch(/uneven|unbalanced/);
  });

  it("has a state that is nothing but the fold of its journal", async () => {
    const { drill, journal } = await solved();
    expect(stateOf(journal.lines)).toEqual(drill.state);
  });
});

describe("findings of an applied configuration", () => {
  it("are in the journal by their codes, each once", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    const finding = {
      file: "f",
      line: 1,
      column: 1,
      path: "pools",
      message: "",
      severity: "warning",
    } as const;
    const found = ["UNEVEN_WEIGHTS", "UNEVEN_WEIGHTS", "NO_HEALTH_CHECK"].map((code) => ({
      ...finding,
      code,
    }));
    bench.world.onAct = async () => ({ ok: true, message: "version 2 is active", findings: found });
    expect(await bench.drill.act({ do: "config apply", yaml: "" })).toMatchObject({ findings: found });
    const line = bench.journal.lines.find(({ event }) => event === "acted");
    expect(line).toMatchObject({ by: "trainee", findings: ["UNEVEN_WEIGHTS", "NO_HEALTH_CHECK"] });
  });
});

describe("a drill is refused", () => {
  it("when steady state never holds, before any change", async () => {
    const bench = createDrillBench();
    bench.world.mood = SLOW;
    await bench.runUntil("refused");
    await bench.pass(0);
    expect(codeOf(bench.outcome.error)).toBe("DRILL_REFUSED");
    expect(bench.journal.events).toEqual(["created", "refused", "reset"]);
    expect(bench.drill.state).toMatchObject({ phase: "refused" });
    expect(bench.drill.state.reason).toContain("page: p95 is 600 ms");
    expect(bench.drill.state.because).toBe("not-steady");
    expect(bench.world.calls).toEqual(["start", "undo prelude", "restore"]);
  });

  it("not by seconds of unrest: it waits until they are over", async () => {
    const bench = createDrillBench();
    bench.world.mood = SICK;
    bench.run();
    await bench.pass(30_000);
    bench.world.mood = WELL;
    await bench.until("steady");
  });

  it("with the world's own error when the lab does not start, and nothing is put back that never was", async () => {
    const bench = createDrillBench();
    bench.world.onStart = () => Promise.reject(new CodedError("UNIT_FAILED", "web-1 did not start"));
    await bench.runUntil("refused");
    expect(codeOf(bench.outcome.error)).toBe("UNIT_FAILED");
    expect(bench.journal.lines.at(-1)).toMatchObject({ event: "refused", reason: "web-1 did not start" });
    expect(bench.world.calls).toEqual(["start"]);
  });
});

describe("a drill is void", () => {
  it("when the change does not affect users", async () => {
    const bench = createDrillBench({}, (world) => ({
      change: [async () => async () => void world.calls.push("undo change")],
    }));
    await bench.runUntil("void");
    await bench.until("reset");
    await bench.pass(0);
    expect(codeOf(bench.outcome.error)).toBe("DRILL_VOID");
    expect(bench.drill.state.reason).toContain("no visible effect");
    expect(bench.drill.state.because).toBe("no-impact");
    expect(bench.world.calls.slice(-3)).toEqual(["undo change", "undo prelude", "restore"]);
  });

  it.each(["steady", "paged"])(
    "when what judges it is touched, with the reason, after it is %s",
    async (event) => {
      const bench = createDrillBench();
      await bench.runUntil(event);
      bench.world.tamper("probe ended (killed by SIGKILL)");
      await bench.until("reset");
      await bench.pass(0);
      expect(bench.outcome.error).toMatchObject({ code: "DRILL_VOID", because: "instruments" });
      expect(bench.journal.lines.find((line) => line.event === "void")).toMatchObject({
        reason: "probe ended (killed by SIGKILL)",
        because: "instruments",
      });
      expect(bench.journal.events).not.toContain("debriefed");
    },
  );

  it.each([
    [2500, "forwards by 2.5 s"],
    [-60_000, "back by 60.0 s"],
  ])("when the clock is set by %i ms", async (ms, reported) => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    bench.clock.jump(ms);
    await bench.until("reset");
    await bench.pass(0);
    expect(bench.outcome.error).toMatchObject({ code: "DRILL_VOID", because: "instruments" });
    expect(String(bench.outcome.error)).toContain(`the clock was moved ${reported}`);
  });

  it("not when the clock is merely slewed", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    bench.clock.jump(1500);
    await bench.pass(5000);
    expect(bench.outcome.error).toBeUndefined();
    expect(bench.drill.state.phase).toBe("open");
  });

  it("when its journal cannot be written: without a result, and put back all the same", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    bench.journal.fail();
    await expect(bench.drill.act(REPAIR)).rejects.toMatchObject({ code: "DRILL_VOID" });
    await bench.pass(1000);
    expect(codeOf(bench.outcome.error)).toBe("DRILL_VOID");
    expect(bench.outcome.result).toBeUndefined();
    expect(bench.world.calls.slice(-3)).toEqual(["undo change", "undo prelude", "restore"]);
    expect(bench.journal.events).not.toContain("debriefed");
  });

  it("when its journal is removed between acts, with the cause as data", async () => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    bench.journal.fail();
    await bench.pass(1000);
    expect(bench.outcome.error).toMatchObject({ code: "DRILL_VOID", because: "journal" });
  });

  it("when its journal is removed while its world is still being started, without waiting for that", async () => {
    const bench = createDrillBench();
    bench.world.onStart = () => new Promise(() => {});
    bench.run();
    await bench.pass(500);
    bench.journal.fail();
    await bench.pass(1000);
    expect(bench.outcome.error).toMatchObject({ code: "DRILL_VOID", because: "journal" });
  });

  it("when the disk fills up between acts: what a timer cannot write voids it too", async () => {
    const bench = createDrillBench({ timeLimitMs: 5000 });
    await bench.runUntil("paged");
    bench.journal.fail();
    await bench.pass(8000);
    expect(codeOf(bench.outcome.error)).toBe("DRILL_VOID");
  });

  it("when a change fails in the middle, and takes back what was done of it", async () => {
    const bench = createDrillBench({}, (world) => ({
      change: [
        async () => async () => void world.calls.push("undo first"),
        () => Promise.reject(new Error("no second")),
      ],
    }));
    await bench.runUntil("void");
    await bench.pass(0);
    expect(bench.outcome.error).toMatchObject({ message: "no second" });
    expect(bench.world.calls).toEqual(["start", "undo first", "undo prelude", "restore"]);
  });

  it("when it is interrupted, which its journal says; its world ends with it and is not put back", async () => {
    const bench = createDrillBench({ timeLimitMs: 600_000 });
    const interrupt = new AbortController();
    bench.run(interrupt.signal);
    await bench.until("paged");
    interrupt.abort(new Error("Ctrl-C"));
    await settled();
    expect(bench.outcome.error).toMatchObject({ message: "Ctrl-C" });
    expect(bench.journal.lines.at(-1)).toMatchObject({
      event: "void",
      reason: "interrupted",
      because: "interrupted",
    });
    const lines = bench.journal.lines.length;
    await bench.pass(700_000);
    expect(bench.journal.lines).toHaveLength(lines);
    expect(bench.world.calls).toEqual(["start", "change"]);
  });

  it("when it is interrupted during a step that takes no signal, without waiting for it", async () => {
    const bench = createDrillBench();
    let started = () => {};
    bench.world.onStart = () => new Promise((resolve) => (started = resolve));
    const interrupt = new AbortController();
    bench.run(interrupt.signal);
    await bench.pass(1000);
    interrupt.abort(new Error("Ctrl-C"));
    await settled();
    expect(bench.journal.events).toEqual(["created", "void"]);
    expect(bench.outcome.error).toMatchObject({ message: "Ctrl-C" });
    started();
    await bench.pass(30_000);
    expect(bench.journal.events).toEqual(["created", "void"]);
  });
});

describe("the page", () => {
  it("comes once users fail, with how many", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    expect(bench.drill.state.page?.alert).toBe("HighFailureRatio");
    expect(bench.drill.state.page?.summary).toMatch(/^\d+ of the last 25 requests failed$/);
    expect(bench.drill.state.fired).toEqual(["HighFailureRatio"]);
    expect(bench.world.monitoring.alerts()).toMatchObject([{ state: "firing", severity: "page" }]);
  });

  it("comes after the first failure, whose time is kept", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.until("impact");
    const { changedAt, firstFailureAt, pagedAt } = bench.drill.state;
    expect(firstFailureAt).toBeGreaterThanOrEqual(changedAt ?? Infinity);
    expect(pagedAt).toBeGreaterThan(firstFailureAt ?? Infinity);
  });

  it("is acknowledged once, and then the trainee is at it", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    expect(bench.drill.acknowledge("SlowRequests")).toEqual([]);
    expect(bench.drill.acknowledge(undefined)).toMatchObject([{ name: "HighFailureRatio" }]);
    expect(bench.drill.acknowledge(undefined)).toEqual([]);
    expect(bench.journal.events.filter((event) => event === "acknowledged")).toHaveLength(1);
    expect(bench.drill.state.acknowledgedAt).toBe(bench.clock.wall());
    expect(bench.world.monitoring.alerts()).toMatchObject([{ acknowledged: { by: "trainee" } }]);
  });

  it("comes also when no user gets any answer", async () => {
    const bench = createDrillBench({}, (world) => ({
      change: [
        async () => {
          world.mood = (user) => (user % 3 === 0 ? HANGING(user) : WELL(user));
          return async () => {};
        },
      ],
      impact: { expectations: [{ figure: "failedRequestRatio" }], settleMs: 4000 },
    }));
    await bench.runUntil("paged");
    bench.world.mood = HANGING;
    await bench.pass(8000);
    expect(bench.world.monitoring.alerts().at(-1)).toMatchObject({ state: "firing" });
  });

  it("does not come for the restart at the end, which is the judge's doing", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.drill.act(REPAIR);
    await bench.pass(15_000);
    bench.world.onReboot = async () => void (bench.world.mood = SICK);
    bench.drill.end();
    await bench.until("restarted");
    expect(bench.journal.events.filter((event) => event === "paged")).toHaveLength(1);
  });
});

describe("acting", () => {
  it("is one at a time, in the order of the requests", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    let release = () => {};
    bench.world.onAct = ({ do: verb }) =>
      verb === "unit kill"
        ? new Promise((resolve) => (release = () => resolve({ ok: true, message: "killed" })))
        : Promise.resolve({ ok: true, message: "done" });
    const slow = bench.drill.act({ do: "unit kill", unit: "web-1" });
    const next = bench.drill.act({ do: "unit restart", unit: "web-1" });
    await settled();
    expect(bench.world.calls.filter((call) => call.startsWith("act"))).toEqual(["act unit kill"]);
    release();
    await Promise.all([slow, next]);
    expect(bench.world.calls.filter((call) => call.startsWith("act"))).toEqual([
      "act unit kill",
      "acted unit kill",
      "act unit restart",
      "acted unit restart",
    ]);
    expect(bench.drill.state.acts.map(({ action }) => action)).toEqual([
      "unit kill web-1",
      "unit restart web-1",
    ]);
  });

  it("that fails is reported and recorded as refused, and the next one goes on", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    bench.world.onAct = () => Promise.reject(new Error("no such unit"));
    expect(await bench.drill.act(REPAIR)).toEqual({ ok: false, message: "no such unit" });
    bench.world.onAct = () => Promise.resolve({ ok: true, message: "done" });
    expect(await bench.drill.act(REPAIR)).toMatchObject({ ok: true });
    expect(bench.drill.state.acts.map(({ ok }) => ok)).toEqual([false, true]);
  });

  it("is possible only while the drill is under way", async () => {
    const bench = createDrillBench();
    bench.run();
    await bench.pass(2000);
    await expect(bench.drill.act(REPAIR)).rejects.toMatchObject({ code: "USAGE" });
    await bench.until("paged");
    bench.drill.end();
    await expect(bench.drill.act(REPAIR)).rejects.toThrow("the drill has ended");
    expect(() => bench.drill.hint()).toThrow("the drill has ended");
    expect(() =>
      bench.drill.diagnose({ component: "web", mechanism: "traffic-skewed", scope: "some-requests" }),
    ).toThrow("the drill has ended");
    await expect(bench.drill.check(new AbortController().signal)).rejects.toThrow("the drill has ended");
    expect(bench.world.calls).not.toContain("act config rollback");
  });

  it("is refused where it waited behind another action when the drill ended; the one under way is awaited", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    let release = () => {};
    bench.world.onAct = () => new Promise((resolve) => (release = () => resolve({ ok: true, message: "" })));
    const first = bench.drill.act({ do: "unit restart", unit: "web-1" });
    const second = bench.drill.act(REPAIR);
    const late = expect(second).rejects.toThrow("the drill has ended");
    await settled();
    bench.drill.end();
    await bench.pass(3000);
    expect(bench.journal.events).not.toContain("checked");
    release();
    await first;
    await late;
    await bench.until("debriefed");
    expect(bench.drill.state.acts).toHaveLength(1);
    expect(bench.world.calls).not.toContain("act config rollback");
  });

  it("names what it is done to as false leads do", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.drill.act({ do: "change revert", change: "c1" });
    await bench.drill.act({ do: "upstream drain", upstream: "web-1" });
    await bench.drill.act({ do: "package uninstall", package: "kiosk" });
    await bench.drill.act(REPAIR);
    await bench.drill.act({ do: "unit stop", unit: "database" });
    expect(bench.drill.state.acts.map(({ subject }) => subject)).toEqual([
      "deploy",
      "upstream web-1",
      "kiosk",
      "config",
      "database",
    ]);
  });
});

describe("the end", () => {
  const ended = async (prepare: (bench: ReturnType<typeof createDrillBench>) => Promise<void>) => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.pass(10_000);
    await prepare(bench);
    bench.drill.end();
    await bench.until("reset");
    await bench.pass(0);
    return bench;
  };

  it("of an unsolved drill is NO, without a restart", async () => {
    const { outcome, world } = await ended(async () => {});
    expect(outcome.result).toMatchObject({ check: "NO", durable: false });
    expect(outcome.result?.measured).toMatchObject({ secondsToMitigate: null, secondsToRestore: null });
    expect(outcome.result?.inBand).toBe(true);
    expect(world.calls).not.toContain("reboot");
  });

  it("judges by requests sent after the last action, and waits for them", async () => {
    const { outcome, journal } = await ended(async ({ drill }) => {
      await drill.act(REPAIR);
    });
    expect(outcome.result).toMatchObject({ check: "OK", durable: true });
    const at = (event: string) =>
      Date.parse(journal.lines.findLast((line) => line.event === event)?.at ?? "");
    expect(at("checked") - at("ending")).toBeGreaterThanOrEqual(13_000);
  });

  it("is not deceived by an action that undoes the repair at the last moment", async () => {
    const { outcome } = await ended(async ({ drill, world, clock }) => {
      await drill.act(REPAIR);
      await pass(clock, 20_000);
      world.onAct = async () => {
        world.mood = SICK;
        return { ok: true, message: "" };
      };
      await drill.act({ do: "unit restart", unit: "web-1" });
    });
    expect(outcome.result).toMatchObject({ check: "NO", durable: false });
  });

  it("distinguishes a repair that does not outlast the restart from one that does; when users were well stays", async () => {
    const { outcome, journal } = await ended(async ({ drill, world, clock }) => {
      await drill.act(REPAIR);
      await pass(clock, 15_000);
      world.onReboot = async () => void (world.mood = SICK);
    });
    expect(outcome.result).toMatchObject({ check: "OK", durable: false });
    expect(outcome.result?.measured.secondsToRestore).toBeLessThan(30);
    expect(journal.lines.find(({ event }) => event === "restarted")).toMatchObject({ well: false });
  });

  it("does not count the restart among the users' losses", async () => {
    const minutes = async (outage: boolean) => {
      const { outcome } = await ended(async ({ drill, world, clock }) => {
        await drill.act(REPAIR);
        await pass(clock, 15_000);
        world.onReboot = async () => {
          if (!outage) return;
          world.mood = SICK;
          clock.after(20_000, () => (world.mood = WELL));
        };
      });
      expect(outcome.result?.durable).toBe(true);
      return outcome.result?.measured.userMinutesLostPer1000;
    };
    expect(await minutes(true)).toBe(await minutes(false));
  });

  it("comes by itself at the time limit, counted from when the drill is open", async () => {
    const bench = createDrillBench({ timeLimitMs: 20_000 });
    await bench.runUntil("debriefed");
    const ending = bench.journal.lines.find(({ event }) => event === "ending");
    expect(ending).toMatchObject({ reason: "time-limit" });
    const open = bench.drill.state.impactAt ?? 0;
    expect(Date.parse(ending?.at ?? "") - open).toBe(20_000);
  });

  it("that is requested too early comes as soon as there is something to end", async () => {
    const bench = createDrillBench();
    bench.run();
    await bench.pass(1000);
    bench.drill.end();
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.journal.events.filter((event) => event === "ending")).toHaveLength(1);
    expect(bench.journal.events.indexOf("ending")).toBeGreaterThan(bench.journal.events.indexOf("impact"));
    expect(bench.outcome.result?.check ?? "NO").toBe("NO");
  });

  it("answers a check that is under way: it is over", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.drill.act(REPAIR);
    const checking = bench.drill.check(new AbortController().signal);
    const answer = expect(checking).rejects.toThrow("the drill has ended");
    await bench.pass(2000);
    bench.drill.end();
    await answer;
  });
});

describe("a repair that does not last", () => {
  const mitigated = async (goesOn: () => Promise<boolean>, timeLimitMs: number | null = null) => {
    const bench = createDrillBench({ goesOn, timeLimitMs });
    await bench.runUntil("paged");
    await bench.drill.act(REPAIR);
    await bench.pass(15_000);
    bench.world.onReboot = async () => void (bench.world.mood = SICK);
    bench.drill.end();
    await bench.until("restarted");
    await bench.pass(1000);
    return bench;
  };

  it("is the end, unless the trainee goes on", async () => {
    const { journal } = await mitigated(async () => false);
    expect(journal.events).not.toContain("resumed");
    expect(journal.events).toContain("debriefed");
  });

  it("can be followed by one that does: the drill goes on, and its last end counts", async () => {
    let questions = 0;
    const bench = await mitigated(async () => ++questions === 1);
    expect(bench.drill.state).toMatchObject({ phase: "open", resumes: 1, durable: false, wellSince: null });
    bench.world.onReboot = async () => {};
    await bench.drill.act(REPAIR);
    expect(await bench.check()).toBe(true);
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.outcome.result ?? bench.drill.state.result).toMatchObject({ check: "OK", durable: true });
    expect(questions).toBe(1);
    expect(bench.journal.events.filter((event) => event === "ending")).toHaveLength(2);
    // What users lost by the restart was the repair's doing.
    expect(bench.drill.state.result?.measured.userMinutesLostPer1000).toBeGreaterThan(100);
  });

  it("is the end when the time is up meanwhile, without a question", async () => {
    const bench = await mitigated(async () => true, 21_000);
    expect(bench.drill.state.endReason).toBe("asked");
    expect(bench.journal.events).not.toContain("resumed");
  });

  it("is the end when the time is up while the question waits for its answer", async () => {
    let answer = (_goesOn: boolean): void => {};
    const asked = new Promise<boolean>((resolve) => (answer = resolve));
    const bench = await mitigated(() => asked, 120_000);
    await bench.pass(130_000);
    answer(true);
    await bench.until("debriefed");
    expect(bench.journal.events).not.toContain("resumed");
  });

  it("asks no question when it lasts, or when users are not well", async () => {
    const bench = createDrillBench({ goesOn: () => Promise.reject(new Error("no question is expected")) });
    await bench.runUntil("paged");
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.journal.events).not.toContain("restarted");
  });
});

describe("what is done past the lab", () => {
  const outside = {
    action: "kill web-1",
    subject: "web-1",
    by: "unknown",
    message: "web-1: killed by SIGKILL",
  };

  it("is a step in the journal, with its actor as far as that can be known", async () => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    bench.world.outside({ ...outside, config: { before: "a: 1\n", after: "a: 2\n" } });
    const line = bench.journal.lines.at(-1);
    expect(line).toMatchObject({
      event: "noticed",
      ...outside,
      ok: true,
      config: {},
    });
    expect(bench.drill.state.acts).toMatchObject([{ action: "kill web-1", by: "unknown", subject: "web-1" }]);
  });

  it("begins a check's window anew, ends the measured impact and is credited when users are well after it", async () => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    await bench.pass(20_000);
    bench.world.outside({ ...outside, action: "edit balancer.yaml", subject: "config" });
    bench.world.mood = WELL;
    const at = bench.clock.wall();
    expect(await bench.check()).toBe(true);
    expect(bench.clock.wall() - at).toBeGreaterThanOrEqual(13_000);
    bench.drill.end();
    await bench.until("debriefed");
    const { result, changedAt } = bench.drill.state;
    expect(result?.measured.secondsToMitigate).toBeCloseTo((at - (changedAt ?? 0)) / 1000, 0);
    expect(result?.wrongActions).toEqual([]);
    expect(bench.drill.state.impact?.failedRequestRatio).toBeCloseTo(0.334, 1);
  });

  it("counts while the change is still being made, and then the impact is not the change's alone", async () => {
    const bench = createDrillBench({}, (world) => ({
      change: [
        async () => {
          world.mood = SICK;
          world.outside(outside);
          return async () => {};
        },
      ],
    }));
    await bench.runUntil("impact");
    expect(bench.drill.state.acts).toMatchObject([{ action: "kill web-1" }]);
    bench.world.mood = WELL;
    await bench.pass(20_000);
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.journal.events).not.toContain("measured");
    expect(bench.drill.state.result?.wrongBecause).toMatchObject([{ because: "false-lead" }]);
  });

  it("counts as wrong like any other step: on a false lead's subject, by any actor", async () => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    bench.world.outside(outside);
    await bench.pass(20_000);
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.drill.state.result?.wrongBecause).toMatchObject([
      { action: "kill web-1", because: "false-lead" },
    ]);
  });

  it("is not noted any more once the drill ends", async () => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    bench.drill.end();
    bench.world.outside(outside);
    expect(bench.journal.events).not.toContain("noticed");
  });

  it("keeps the time of users' recovery when no act was seen", async () => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    await bench.pass(10_000);
    bench.world.mood = WELL;
    await bench.pass(15_000);
    bench.drill.end();
    await bench.until("debriefed");
    const measured = bench.drill.state.result?.measured;
    expect(measured?.secondsToRestore).toBeGreaterThan(5);
    expect(measured?.secondsToMitigate).toBe(measured?.secondsToRestore);
  });
});

describe("a step that affects users", () => {
  const WORSE: Mood = (user) => (user % 3 === 2 ? WELL(user) : { ...SICK(0), user });
  const ended = async (...moods: readonly (readonly [string, Mood])[]) => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.pass(15_000);
    for (const [unit, mood] of moods) {
      bench.world.onAct = async () => {
        bench.world.mood = mood;
        return { ok: true, message: "done" };
      };
      await bench.drill.act({ do: "unit stop", unit });
      await bench.pass(20_000);
    }
    bench.drill.end();
    await bench.until("debriefed");
    return bench.drill.state.result;
  };

  it("is wrong by measure, whatever it was done to", async () => {
    const result = await ended(["web-2", WORSE]);
    expect(result?.wrongBecause).toMatchObject([
      {
        action: "unit stop web-2",
        because: "hurt-users",
        detail: "66.8 % of requests failed after it, 33.4 % before",
      },
    ]);
  });

  it("is none when users fail as before", async () => {
    expect((await ended(["web-2", SICK], ["web-3", SICK]))?.wrongActions).toEqual([]);
  });

  it("is not the repair, and is wrong after it", async () => {
    expect((await ended(["web-2", WELL], ["web-3", SICK]))?.wrongActions).toEqual(["unit stop web-3"]);
  });

  it("is counted for each, one after another", async () => {
    const all: Mood = (user) => ({ ...SICK(0), user });
    expect((await ended(["web-2", WORSE], ["web-3", all]))?.wrongActions).toHaveLength(2);
  });

  it("is not one that was done while the change's own impact still grew", async () => {
    const bench = createDrillBench({}, (world, clock) => ({
      change: [
        async () => {
          world.mood = (user) => (user % 20 === 0 ? SICK(0) : WELL(user));
          clock.after(6000, () => (world.mood = SICK));
          return async () => {};
        },
      ],
      impact: { expectations: [{ figure: "failedRequestRatio", min: 0.04, max: 0.4 }], settleMs: 10_000 },
    }));
    await bench.runUntil("impact");
    bench.world.onAct = async () => ({ ok: true, message: "done" });
    await bench.drill.act({ do: "unit restart", unit: "web-2" });
    await bench.pass(20_000);
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.drill.state.result?.wrongActions).toEqual([]);
  });
});

describe("going back to a version of the change", () => {
  it("is wrong, and going back to what was before is not", async () => {
    const bench = createDrillBench({}, (world) => ({
      change: [
        async () => {
          world.mood = SICK;
          world.versions.push("guilty: true\n", "guilty: true\nlater: true\n");
          return async () => {};
        },
      ],
    }));
    bench.world.versions = ["good: true\n"];
    await bench.runUntil("paged");
    await bench.pass(15_000);
    const back = async (text: string, mood: Mood) => {
      bench.world.onAct = async () => {
        bench.world.versions.push(text);
        bench.world.mood = mood;
        return { ok: true, message: "done" };
      };
      await bench.drill.act({ do: "config rollback" });
      await bench.pass(20_000);
    };
    await back("guilty: true\n", SICK);
    await back("good: true\n", WELL);
    bench.drill.end();
    await bench.until("debriefed");
    expect(bench.drill.state.result?.wrongBecause).toMatchObject([{ because: "faulty-version" }]);
  });
});

describe("leaving", () => {
  const left = async (afterMs: number) => {
    const bench = createDrillBench();
    await bench.runUntil("impact");
    await bench.pass(afterMs);
    bench.drill.end();
    await bench.until("debriefed");
    return bench.drill.state.result;
  };

  it("at once does not beat the report's team: what users lose goes on until they would have been well", async () => {
    const result = await left(0);
    const { userMinutesLostPer1000, projectedUserMinutesLostPer1000 } = result?.measured ?? {};
    expect(userMinutesLostPer1000).toBeLessThan(150);
    // A third of 1,000 users for the report's 150 minutes, as seconds.
    expect(projectedUserMinutesLostPer1000).toBeGreaterThan(700);
    const later = (await left(60_000))?.measured.projectedUserMinutesLostPer1000;
    expect(later).toBeGreaterThan(700);
    expect(later).toBeLessThan(900);
  });

  it("before the impact had settled has figures that say little, and says so", async () => {
    expect((await left(0))?.impactSettled).toBe(false);
    expect((await left(10_000))?.impactSettled).toBe(true);
  });
});

describe("the reset", () => {
  it("runs every undo and the restore, whatever throws, and reports what differs", async () => {
    const bench = createDrillBench({}, (world) => ({
      change: [
        async () => {
          world.mood = SICK;
          return async () => void world.calls.push("undo first");
        },
        async () => () => Promise.reject(new Error("it does not come off")),
      ],
    }));
    await bench.runUntil("paged");
    bench.world.onRestore = () => Promise.reject(new Error("no way back"));
    bench.world.state = { ...bench.world.state, config: "version 2", packages: ["kiosk"] };
    bench.drill.end();
    await bench.until("reset");
    await bench.pass(0);
    expect(bench.world.calls.slice(-3)).toEqual(["undo first", "undo prelude", "restore"]);
    expect(bench.drill.state.reset).toMatchObject({
      equal: false,
      differences: [
        "an undo failed: it does not come off",
        "the restore failed: no way back",
        'config: "version 1" at the start, "version 2" now',
        'packages: [] at the start, ["kiosk"] now',
      ],
    });
    expect(bench.outcome.result).toMatchObject({ resetEqual: false });
  });
});

describe("a drill without a fault", () => {
  it("changes nothing, pages nobody, and its check passes", async () => {
    const bench = createDrillBench({ fault: false });
    await bench.runUntil("steady");
    await bench.pass(40_000);
    expect(await bench.check()).toBe(true);
    bench.drill.end();
    await bench.until("reset");
    await bench.pass(0);
    expect(bench.journal.events).toEqual([
      "created",
      "steady",
      "checked",
      "ending",
      "checked",
      "assessed",
      "debriefed",
      "reset",
    ]);
    expect(bench.outcome.result).toMatchObject({ check: "OK" });
    expect(bench.world.calls).toEqual(["start", "undo prelude", "restore"]);
  });

  it("still pages when something breaks by itself", async () => {
    const bench = createDrillBench({ fault: false });
    await bench.runUntil("steady");
    bench.world.mood = SICK;
    await bench.until("paged");
  });
});

describe("the measured impact", () => {
  it("is that from its settling to the first action, whatever comes after", async () => {
    const bench = createDrillBench({}, (world, clock) => ({
      change: [
        async () => {
          // All users fail at first; a third of them once it has settled.
          world.mood = (user) => ({ ...SICK(0), user });
          clock.after(4000, () => (world.mood = SICK));
          return async () => {};
        },
      ],
    }));
    await bench.runUntil("paged");
    await bench.pass(20_000);
    bench.world.onAct = async () => {
      bench.world.mood = (user) => ({ ...SICK(0), user });
      return { ok: true, message: "made worse" };
    };
    await bench.drill.act({ do: "unit restart", unit: "web-1" });
    await bench.pass(30_000);
    bench.drill.end();
    await bench.until("measured");
    expect(bench.drill.state.impact?.failedRequestRatio).toBeCloseTo(0.333, 2);
  });

  it("is kept for a drill that goes on for longer than traffic is remembered", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.pass(15_000);
    await bench.drill.act(REPAIR);
    await bench.pass(1_900_000);
    bench.drill.end();
    await bench.until("measured");
    expect(bench.drill.state.impact).toMatchObject({ inBand: true });
    expect(bench.drill.state.impact?.failedRequestRatio).toBeCloseTo(0.333, 2);
  }, 60_000);

  it("ends where users are well again, also when no act was seen", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.pass(20_000);
    bench.world.mood = WELL;
    await bench.pass(60_000);
    bench.drill.end();
    await bench.until("measured");
    expect(bench.drill.state.impact?.failedRequestRatio).toBeCloseTo(0.333, 1);
    expect(bench.drill.state.impact?.seconds).toBeLessThan(21);
  });

  it("is of the time until the first act when that comes before it has settled", async () => {
    const bench = createDrillBench({}, () => ({
      impact: { expectations: [{ figure: "failedRequestRatio", min: 0.2 }], settleMs: 60_000 },
    }));
    await bench.runUntil("paged");
    await bench.drill.act(REPAIR);
    await bench.pass(80_000);
    bench.drill.end();
    await bench.until("measured");
    expect(bench.drill.state.impact?.failedRequestRatio).toBeCloseTo(0.33, 1);
    expect(bench.drill.state.impact?.seconds).toBeLessThan(10);
  });
});

describe("hints", () => {
  it("come one after another, and the last one stays", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    const all = bench.drill.scenario.hints;
    expect(all.map(() => bench.drill.hint())).toEqual(all);
    expect(bench.drill.hint()).toBe(all.at(-1));
    expect(bench.drill.state.hints).toBe(all.length);
  });
});

describe("looks", () => {
  it("are recorded from the change on until the end, and neither before nor after", async () => {
    const bench = createDrillBench();
    bench.drill.looked("units");
    bench.run();
    await bench.until("changed");
    bench.drill.looked("changes");
    await bench.until("paged");
    bench.drill.looked("metrics");
    bench.drill.end();
    bench.drill.looked("config");
    await bench.until("reset");
    bench.drill.looked("alerts");
    const looked = bench.journal.lines.flatMap((line) => (line.event === "looked" ? [line.subject] : []));
    expect(looked).toEqual(["changes", "metrics"]);
  });
});

describe("the trend that a check shows", () => {
  const checked = async (bench: ReturnType<typeof createDrillBench>) => {
    const checking = bench.drill.check(new AbortController().signal);
    await bench.pass(20_000);
    return checking;
  };

  it("is nothing before the first action", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    expect(await checked(bench)).not.toHaveProperty("trend");
  });

  it("is the share of failures before the last action and now", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    await bench.drill.act({ do: "unit restart", unit: "web-1" });
    await bench.pass(30_000);
    await bench.drill.act(REPAIR);
    expect(await checked(bench)).toMatchObject({
      ok: true,
      trend: { seconds: 13, before: expect.closeTo(1 / 3, 1) as number, now: 0 },
    });
    await bench.drill.act({ do: "unit restart", unit: "web-1" });
    expect(await checked(bench)).toMatchObject({ trend: { before: 0, now: 0, direction: "level" } });
  });
});
