import fc from "fast-check";
import { expect, test } from "vitest";
import { createUnit } from "../../../../lab/world/unit/unit.ts";
import type { UnitEvent, UnitState } from "../../../../lab/world/host.ts";
import { createFakeLauncher } from "../../../support/fake-launcher.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

type Step =
  | { readonly do: "start" | "stop" | "restart" | "kill" | "retire" | "resetFailed" | "ready" | "late word" }
  | { readonly do: "exit"; readonly how: number | string }
  | { readonly do: "advance"; readonly ms: number };

const OPERATIONS = ["start", "stop", "restart", "kill", "resetFailed"] as const;

const step = (...operations: readonly Step["do"][]): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.constantFrom(...operations, "ready", "late word").map((one) => ({ do: one }) as Step),
    fc.record({
      do: fc.constant("exit" as const),
      how: fc.constantFrom(0, 1, "SIGTERM", "SIGKILL", "SIGSEGV"),
    }),
    fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(0, 1, 50, 100, 500, 5000) }),
  );

const WITH_PROCESS: ReadonlySet<UnitState> = new Set(["activating", "active", "deactivating"]);

function setUp(when: "always" | "on-failure" | "never") {
  const clock = createManualClock();
  const fake = createFakeLauncher();
  const events: UnitEvent[] = [];
  const unit = createUnit(
    {
      name: "web-1",
      description: "",
      program: "backend",
      config: {},
      restart: { when, delayMs: 100, startLimit: { burst: 3, intervalMs: 1000 } },
      stopTimeoutMs: 500,
      startTimeoutMs: 5000,
      enabled: true,
    },
    { clock, launch: fake.launch, onEvent: (event) => events.push(event) },
  );

  function play(one: Step) {
    const [process] = fake.alive();
    if (one.do === "advance") clock.advance(one.ms);
    else if (one.do === "exit") process?.exit(one.how);
    else if (one.do === "ready") process?.ready();
    else if (one.do === "late word") lateWord();
    else unit[one.do]();
    check();
  }

  /** An earlier process sends again: its message must be dropped. */
  function lateWord() {
    const { state } = unit.view;
    fake.processes.find((old) => !old.alive)?.ready();
    expect(unit.view.state).toBe(state);
  }

  function check() {
    expect(fake.alive().length).toBe(WITH_PROCESS.has(unit.view.state) ? 1 : 0);
    expect(unit.view.pid).toBe(fake.alive()[0]?.pid);
    expect(clock.pending).toBeLessThanOrEqual(1);
    expect(unit.view.state).toBe(events.at(-1)?.to ?? "inactive");
    events.forEach((event, i) => expect(event.from).toBe(events[i - 1]?.to ?? "inactive"));
  }

  /** Lets processes handle their signals, and all timers run out. */
  function settle() {
    for (let i = 0; i < 5; i++) {
      const [process] = fake.alive();
      if (process?.signals.includes("SIGKILL")) process.exit("SIGKILL");
      clock.advance(10_000);
    }
  }
  return { clock, fake, unit, events, play, settle };
}

const policy = fc.constantFrom("always" as const, "on-failure" as const, "never" as const);

test("whatever happens in whatever order, a unit has one process exactly while its state says so", () => {
  fc.assert(
    fc.property(policy, fc.array(step(...OPERATIONS, "retire"), { maxLength: 40 }), (when, steps) => {
      const { play } = setUp(when);
      steps.forEach(play);
    }),
    { numRuns: 1000 },
  );
});

test("after stop, and without another start, no process is left and none comes back", () => {
  const before = fc.array(step(...OPERATIONS), { maxLength: 20 });
  const after = fc.array(step("kill", "stop", "resetFailed"), { maxLength: 20 });
  fc.assert(
    fc.property(policy, before, after, (when, steps, more) => {
      const { play, settle, fake, clock, unit } = setUp(when);
      [...steps, { do: "stop" } as const, ...more].forEach(play);
      const launched = fake.processes.length;
      settle();
      expect(fake.alive()).toEqual([]);
      expect(fake.processes.length).toBe(launched);
      expect(["inactive", "failed"]).toContain(unit.view.state);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test("a retired unit never has a process again", () => {
  const steps = fc.array(step(...OPERATIONS), { maxLength: 20 });
  fc.assert(
    fc.property(policy, steps, steps, (when, earlier, later) => {
      const { play, settle, fake, clock } = setUp(when);
      [...earlier, { do: "retire" } as const].forEach(play);
      const launched = fake.processes.length;
      later.forEach(play);
      settle();
      expect(fake.processes.length).toBe(launched);
      expect(fake.alive()).toEqual([]);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test("a start that nothing contradicts always ends in a process, whatever went before", () => {
  const steps = fc.array(step(...OPERATIONS), { maxLength: 30 });
  fc.assert(
    fc.property(
      policy,
      steps,
      fc.constantFrom("start" as const, "restart" as const),
      (when, earlier, last) => {
        const { play, fake, unit } = setUp(when);
        earlier.forEach(play);
        play({ do: last });
        if (unit.view.state === "deactivating") play({ do: "exit", how: 0 });
        play({ do: "ready" });
        expect(fake.alive()).toHaveLength(1);
        expect(unit.view.state).toBe("active");
      },
    ),
    { numRuns: 1000 },
  );
});
