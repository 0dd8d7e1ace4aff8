import { describe, expect, it } from "vitest";
import type { UnitDefinition } from "../../../../lab/world/host.ts";
import { watchInstruments } from "../../../../lab/world/run/instrument-watch.ts";
import { createMachine } from "../../../../lab/world/machine.ts";
import { createFakeLauncher } from "../../../support/fake-launcher.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const unit = (name: string, outside: boolean): UnitDefinition => ({
  name,
  description: "",
  program: "any",
  config: {},
  restart: { when: "on-failure", delayMs: 100, startLimit: { burst: 5, intervalMs: 10_000 } },
  stopTimeoutMs: 1000,
  enabled: true,
  outside,
});

/** A prober and a server whose processes run as the test says. */
function bench() {
  const clock = createManualClock();
  const fake = createFakeLauncher({ obey: true });
  const machine = createMachine({ clock, launch: fake.launch });
  const states = new Map<string, string>();
  const talking = new Set(["probe", "web-1"]);
  const reports: string[] = [];
  let continued = (): void => {};
  for (const definition of [unit("probe", true), unit("web-1", false)]) machine.add(definition).start();
  const isReady = new Set<number>();
  for (const one of fake.alive()) {
    isReady.add(one.pid);
    one.ready();
  }
  const stop = watchInstruments({
    clock,
    host: machine,
    stateOf: (pid) => states.get(fake.processes.find((one) => one.pid === pid)?.request.unit ?? "") ?? "S",
    onContinued(run) {
      continued = run;
      return () => {};
    },
    report: (reason) => reports.push(reason),
  });
  return {
    clock,
    fake,
    states,
    talking,
    reports,
    stop,
    continues: () => continued(),
    /** Running processes send their heartbeat each second. */
    pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        if (passed % 1000 === 0)
          for (const name of talking) for (const one of fake.alive(name)) one.say("alive");
        clock.advance(250);
        for (const one of fake.alive("probe")) {
          if (isReady.has(one.pid)) continue;
          isReady.add(one.pid);
          one.ready();
        }
      }
    },
  };
}

describe("an instrument", () => {
  it("that runs and reports is left alone", () => {
    const { pass, reports, fake } = bench();
    pass(60_000);
    expect(reports).toEqual([]);
    expect(fake.processes).toHaveLength(2);
  });

  it.each(["T", "t"])("that a signal has stopped (%s) is reported at once, and started again", (letter) => {
    const { pass, reports, states, talking, fake } = bench();
    states.set("probe", letter);
    talking.delete("probe");
    pass(1000);
    expect(reports).toEqual(["probe was stopped by a signal (pid 1000): without it users cannot be judged"]);
    expect(fake.processes[0]?.signals).toEqual(["SIGKILL"]);
    states.clear();
    talking.add("probe");
    pass(5000);
    expect(fake.only("probe").pid).toBe(1002);
    expect(reports).toHaveLength(1);
  });

  it("that was seen stopped once only is not reported", () => {
    const { pass, reports, states } = bench();
    states.set("probe", "T");
    pass(500);
    states.clear();
    pass(5000);
    expect(reports).toEqual([]);
  });

  it("that hangs is reported after twelve seconds of looks without a heartbeat, and started again", () => {
    const { pass, reports, talking, fake } = bench();
    talking.delete("probe");
    pass(11_000);
    expect(reports).toEqual([]);
    pass(2000);
    expect(reports).toEqual(["probe does not answer any more (pid 1000): without it users cannot be judged"]);
    expect(fake.processes[0]?.signals).toEqual(["SIGKILL"]);
  });

  it("is not reported for a pause of the whole machine", () => {
    const { clock, pass, reports } = bench();
    pass(3000);
    // All was paused: the clock went on by itself, and every timer fires once.
    clock.stall(60_000);
    pass(5000);
    expect(reports).toEqual([]);
  });

  it("is what is watched, and nothing else: a server's failures show in users", () => {
    const { pass, reports, states, talking } = bench();
    states.set("web-1", "T");
    talking.delete("web-1");
    pass(60_000);
    expect(reports).toEqual([]);
  });
});

describe("the lab itself", () => {
  it("is reported when it goes on after it was stopped", () => {
    const { clock, pass, reports, continues } = bench();
    pass(3000);
    clock.stall(4000);
    pass(250);
    continues();
    expect(reports).toEqual([expect.stringMatching(/^the lab itself was stopped by a signal, for 4\.\d s$/)]);
  });

  it("is not reported for a SIGCONT while it runs", () => {
    const { pass, reports, continues } = bench();
    pass(3000);
    continues();
    expect(reports).toEqual([]);
  });
});

it("nothing is watched any more once it is cancelled", () => {
  const { pass, reports, states, stop } = bench();
  stop();
  states.set("probe", "T");
  pass(5000);
  expect(reports).toEqual([]);
});
