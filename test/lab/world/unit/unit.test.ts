import { expect, test } from "vitest";
import { createUnit } from "../../../../lab/world/unit/unit.ts";
import type { UnitDefinition, UnitEvent } from "../../../../lab/world/host.ts";
import { createFakeLauncher } from "../../../support/fake-launcher.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const DEFINITION: UnitDefinition = {
  name: "web-1",
  description: "a shop page server",
  program: "backend",
  config: { port: 9101, capacity: { queueLimit: 40 } },
  restart: { when: "on-failure", delayMs: 1000, startLimit: { burst: 3, intervalMs: 10_000 } },
  stopTimeoutMs: 5000,
  enabled: true,
};

function setUp(change: Partial<UnitDefinition> = {}) {
  const clock = createManualClock();
  const fake = createFakeLauncher();
  const events: UnitEvent[] = [];
  const unit = createUnit(
    { ...DEFINITION, ...change },
    { clock, launch: fake.launch, onEvent: (event) => events.push(event) },
  );
  const states = () => events.map((event) => event.to);
  return { clock, fake, events, states, unit };
}

function active(change: Partial<UnitDefinition> = {}) {
  const all = setUp(change);
  all.unit.start();
  all.fake.only().ready();
  all.events.length = 0;
  return all;
}

test("a unit is active once its process reports ready", () => {
  const { unit, fake, states } = setUp();
  expect(unit.start()).toEqual({ ok: true, message: "started web-1" });
  expect(unit.view.state).toBe("activating");
  fake.only().ready();
  expect(unit.view).toMatchObject({ state: "active", pid: fake.only().pid });
  expect(states()).toEqual(["activating", "active"]);
});

test("starting twice starts one process", () => {
  const { unit, fake } = active();
  expect(unit.start().message).toBe("web-1 is already active");
  expect(fake.processes).toHaveLength(1);
});

test("a process that fails is started again after the delay, counted from its exit", () => {
  const { unit, fake, clock } = active();
  fake.only().exit(1);
  expect(unit.view).toMatchObject({ state: "auto-restart", reason: "exited with status 1", restarts: 0 });
  clock.advance(999);
  expect(fake.alive()).toHaveLength(0);
  clock.advance(1);
  expect(fake.alive()).toHaveLength(1);
  expect(unit.view).toMatchObject({ state: "activating", restarts: 1, lastExit: { code: 1 } });
});

test.each([
  ["always", 0, "auto-restart"],
  ["always", "SIGKILL", "auto-restart"],
  ["on-failure", 0, "inactive"],
  ["on-failure", "SIGTERM", "inactive"],
  ["on-failure", 2, "auto-restart"],
  ["on-failure", "SIGSEGV", "auto-restart"],
  ["never", 0, "inactive"],
  ["never", 1, "failed"],
] as const)("under the policy %s an exit by %s leads to %s", (when, exit, state) => {
  const { unit, fake } = active({ restart: { ...DEFINITION.restart, when } });
  fake.only().exit(exit);
  expect(unit.view.state).toBe(state);
});

test("an exit before ready is a failure, even with status 0", () => {
  const { unit, fake } = setUp({ restart: { ...DEFINITION.restart, when: "never" } });
  unit.start();
  fake.only().exit(0);
  expect(unit.view).toMatchObject({ state: "failed", reason: "exited with status 0 before it was ready" });
});

test("a process that never becomes ready is killed, and that is a failure", () => {
  const { unit, fake, clock } = setUp({ startTimeoutMs: 3000 });
  unit.start();
  clock.advance(3000);
  expect(fake.only().signals).toEqual(["SIGKILL"]);
  fake.only().exit("SIGKILL");
  expect(unit.view.state).toBe("auto-restart");
});

test("a process that is ready in time is not killed later", () => {
  const { fake, clock } = active({ startTimeoutMs: 3000 });
  clock.advance(60_000);
  expect(fake.only().signals).toEqual([]);
});

test("a crash loop ends at the start limit", () => {
  const { unit, fake, clock } = setUp();
  unit.start();
  for (let i = 0; i < 3; i++) {
    fake.only().exit(1);
    clock.advance(1000);
  }
  expect(fake.processes).toHaveLength(3);
  expect(unit.view).toMatchObject({
    state: "failed",
    restarts: 2,
    reason: "start limit hit: 3 starts in 10 s",
  });
});

test("crashes further apart than the limit's interval go on for ever", () => {
  const { unit, fake, clock } = setUp();
  unit.start();
  for (let i = 0; i < 20; i++) {
    clock.advance(4000);
    fake.only().exit(1);
    clock.advance(1000);
  }
  expect(unit.view).toMatchObject({ state: "activating", restarts: 20 });
});

test("a manual start resets a failed unit's start limit", () => {
  const { unit, fake, clock } = setUp();
  const loop = () => {
    for (let i = 0; i < 3; i++) {
      fake.only().exit(1);
      clock.advance(1000);
    }
  };
  unit.start();
  loop();
  expect(unit.view.state).toBe("failed");
  expect(unit.start().ok).toBe(true);
  loop();
  expect(fake.processes).toHaveLength(6);
  expect(unit.view.state).toBe("failed");
});

test("stop sends SIGTERM first and kills after the timeout", () => {
  const { unit, fake, clock } = active();
  unit.stop();
  expect(fake.only().signals).toEqual(["SIGTERM"]);
  clock.advance(4999);
  expect(fake.only().signals).toEqual(["SIGTERM"]);
  clock.advance(1);
  expect(fake.only().signals).toEqual(["SIGTERM", "SIGKILL"]);
  fake.only().exit("SIGKILL");
  expect(unit.view).toMatchObject({ state: "failed", reason: "killed by SIGKILL while stopping" });
  expect(clock.pending).toBe(0);
});

test.each([0, "SIGTERM"] as const)("a stopped unit that ends by %s is inactive and stays so", (exit) => {
  const { unit, fake, clock } = active({ restart: { ...DEFINITION.restart, when: "always" } });
  unit.stop();
  fake.only().exit(exit);
  clock.advance(60_000);
  expect(unit.view.state).toBe("inactive");
  expect(fake.processes).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test("stop while a restart is pending cancels it", () => {
  const { unit, fake, clock } = active();
  fake.only().exit(1);
  unit.stop();
  expect(unit.view.state).toBe("inactive");
  clock.advance(60_000);
  expect(fake.alive()).toHaveLength(0);
});

test("start while a restart is pending starts at once, and only once", () => {
  const { unit, fake, clock } = active();
  fake.only().exit(1);
  unit.start();
  clock.advance(1000);
  expect(fake.alive()).toHaveLength(1);
  expect(unit.view.restarts).toBe(0);
});

test("restart starts the new process only when the old one is gone", () => {
  const { unit, fake } = active();
  unit.restart();
  expect(fake.processes).toHaveLength(1);
  fake.only().exit(0);
  expect(fake.processes).toHaveLength(2);
  expect(unit.view).toMatchObject({ state: "activating", restarts: 0 });
});

test("restart of a process that was about to crash anyway starts one new process, whatever its exit", () => {
  const { unit, fake, clock } = active();
  unit.restart();
  fake.only().exit("SIGSEGV");
  clock.advance(60_000);
  expect(fake.processes.length).toBeGreaterThan(1);
  expect(fake.processes[1]?.request.unit).toBe("web-1");
});

test("stop during a restart wins", () => {
  const { unit, fake, clock } = active();
  unit.restart();
  unit.stop();
  fake.only().exit(0);
  clock.advance(60_000);
  expect(unit.view.state).toBe("inactive");
  expect(fake.alive()).toHaveLength(0);
});

test("start while stopping starts again after the exit", () => {
  const { unit, fake } = active();
  unit.stop();
  expect(unit.start().message).toContain("after that");
  fake.only().exit(0);
  expect(unit.view.state).toBe("activating");
});

test("kill while stopping ends the process and brings nothing back", () => {
  const { unit, fake, clock } = active({ restart: { ...DEFINITION.restart, when: "always" } });
  unit.stop();
  unit.kill();
  fake.only().exit("SIGKILL");
  clock.advance(60_000);
  expect(fake.alive()).toHaveLength(0);
  expect(unit.view.state).toBe("failed");
});

test("kill from outside is left to the restart policy", () => {
  const { unit, fake, clock } = active();
  expect(unit.kill().message).toContain("sent SIGKILL to web-1 (pid ");
  fake.only().exit("SIGKILL");
  clock.advance(1000);
  expect(unit.view).toMatchObject({ state: "activating", restarts: 1, lastExit: { signal: "SIGKILL" } });
});

test("kill of a unit without a process is refused", () => {
  expect(setUp().unit.kill()).toEqual({ ok: false, message: "web-1 has no process" });
});

test("ready that comes after stop does not make the unit active", () => {
  const { unit, fake } = setUp();
  unit.start();
  unit.stop();
  fake.only().ready();
  expect(unit.view.state).toBe("deactivating");
});

test("a launch that fails at once goes the way of any failure", () => {
  const clock = createManualClock();
  const states: string[] = [];
  const unit = createUnit(DEFINITION, {
    clock,
    onEvent: (event) => states.push(event.to),
    launch(_request, events) {
      events.exit({ code: undefined, signal: undefined, error: "no such file" });
      return { pid: undefined, signal: () => {}, reload: () => {} };
    },
  });
  unit.start();
  expect(unit.view.reason).toBe("could not be launched: no such file");
  clock.advance(60_000);
  expect(states.at(-1)).toBe("failed");
  expect(clock.pending).toBe(0);
});

test("a configuration change keeps types and takes effect at the next start", () => {
  const { unit, fake } = active();
  const result = unit.configure({ "capacity.queueLimit": "100" });
  expect(result).toMatchObject({ ok: true, previous: { "capacity.queueLimit": 40 } });
  expect(fake.only().request.config).toEqual(DEFINITION.config);
  unit.restart();
  fake.only().exit(0);
  expect(fake.only().request.config).toEqual({ port: 9101, capacity: { queueLimit: 100 } });
});

test("reload passes the changed configuration to the running process", () => {
  const { unit, fake } = active();
  unit.configure({ port: 9102 });
  expect(unit.reload().ok).toBe(true);
  expect(fake.only().reloads).toEqual([{ ...DEFINITION.config, port: 9102 }]);
});

test("a retired unit stops within the grace given and refuses to start", () => {
  const { unit, fake, clock } = active();
  unit.restart();
  unit.retire(2000);
  clock.advance(2000);
  expect(fake.only().signals).toEqual(["SIGTERM", "SIGKILL"]);
  fake.only().exit("SIGKILL");
  expect(unit.start().ok).toBe(false);
  expect(unit.restart().ok).toBe(false);
  clock.advance(60_000);
  expect(fake.alive()).toHaveLength(0);
});

test("a watcher may operate the unit from inside the event", () => {
  const clock = createManualClock();
  const fake = createFakeLauncher({ obey: true });
  const seen: UnitEvent[] = [];
  const unit = createUnit(DEFINITION, {
    clock,
    launch: fake.launch,
    onEvent(event) {
      seen.push(event);
      if (event.to === "activating" && seen.length === 1) unit.stop();
    },
  });
  unit.start();
  expect(seen.map((event) => event.to)).toEqual(["activating", "deactivating", "inactive"]);
  expect(fake.alive()).toHaveLength(0);
});

test("onceSettled waits for the end of what is under way", () => {
  const { unit, fake } = setUp();
  const seen: string[] = [];
  const note = () => unit.onceSettled(() => seen.push(unit.view.state));
  note();
  unit.start();
  note();
  expect(seen).toEqual(["inactive"]);
  fake.only().ready();
  expect(seen).toEqual(["inactive", "active"]);
});
