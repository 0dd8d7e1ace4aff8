import { describe, expect, it } from "vitest";
import { createSimulatedHost } from "../../../../lab/world/simulated/host.ts";
import { createSimulatedLauncher } from "../../../../lab/world/simulated/launcher.ts";
import { createLogBook } from "../../../../lab/world/simulated/log-book.ts";
import { createNetwork } from "../../../../lab/world/simulated/network.ts";
import type { Program } from "../../../../lab/world/simulated/process.ts";
import { createNodeTime } from "../../../../lab/world/simulated/node-time.ts";
import type { UnitDefinition } from "../../../../lab/world/host.ts";
import { seeded } from "../../../../runtime/random.ts";
import { aborted } from "../../../../runtime/aborted.ts";

/** Takes its port and serves until it is signalled to stop. */
const serving: Program = async ({ unit, network }) => {
  network.bind(Number(unit.config["port"]), () => {});
  unit.ready();
  await aborted(unit.lifetime);
};
const stubborn: Program = async ({ unit }) => {
  unit.ready();
  await new Promise(() => {});
};

const unit = (name: string, program: string, port = 80): UnitDefinition => ({
  name,
  description: "",
  program,
  config: { port },
  restart: { when: "on-failure", delayMs: 100, startLimit: { burst: 5, intervalMs: 10_000 } },
  stopTimeoutMs: 2000,
  enabled: true,
});

function createBench() {
  const time = createNodeTime();
  const network = createNetwork({ clock: time.clock("data") });
  const logs = createLogBook(time.clock("promises"));
  const programs = {
    serving,
    stubborn,
    crashing: async ({ unit: own, exit }) => {
      own.ready();
      own.clock.after(50, () => exit(70));
      await aborted(own.lifetime);
    },
  } satisfies Record<string, Program>;
  const random = seeded(1);
  const host = createSimulatedHost([80, 81], {
    time,
    network,
    launch: createSimulatedLauncher({ time, random, network, logs, programs, keysFor: () => ({}) }),
  });
  return { time, network, logs, host };
}

describe("a modelled machine", () => {
  it("starts a unit in the time that a process takes, and shows who holds its port", async () => {
    const { time, host } = createBench();
    const web = host.add(unit("web", "serving"));
    web.start();
    await time.run(50);
    expect(web.view.state).toBe("activating");
    await time.run(2000);
    expect(web.view.state).toBe("active");
    expect(await host.ports()).toEqual([
      { port: 80, pid: web.view.pid, program: "web", unit: "web" },
      { port: 81, pid: undefined, program: undefined, unit: undefined },
    ]);
  });

  it("fails a unit whose port is taken, after its restarts, and says so in its log as the system would", async () => {
    const { time, host, logs } = createBench();
    host.add(unit("first", "serving")).start();
    await time.run(2000);
    const second = host.add(unit("second", "serving"));
    second.start();
    await time.run(10_000);
    expect(second.view).toMatchObject({ state: "failed", restarts: 4 });
    const [line = ""] = logs.tail("second", 1);
    expect(JSON.parse(line)).toMatchObject({ level: "fatal", code: "EADDRINUSE", unit: "second" });
  });

  it("stops at once what handles SIGTERM, and kills what does not", async () => {
    const { time, host, network } = createBench();
    const web = host.add(unit("web", "serving"));
    const deaf = host.add(unit("deaf", "stubborn"));
    web.start();
    deaf.start();
    await time.run(2000);
    web.stop();
    deaf.stop();
    await time.run(100);
    expect([web.view.state, deaf.view.state]).toEqual(["inactive", "deactivating"]);
    expect(network.holder(80)).toBeUndefined();
    await time.run(2000);
    expect(deaf.view).toMatchObject({ state: "failed", lastExit: { signal: "SIGKILL" } });
  });

  it("restarts what crashes, and what it was about to do never happens", async () => {
    const { time, host } = createBench();
    const sick = host.add(unit("sick", "crashing"));
    sick.start();
    await time.run(1500);
    expect(sick.view.lastExit).toMatchObject({ code: 70 });
    expect(sick.view.restarts).toBeGreaterThan(0);
    await time.runUntil(host.dispose(), { limitMs: 5000, waitsFor: () => "the end" });
    const { happened } = time;
    await time.run(10_000);
    expect([time.pending, time.happened]).toEqual([0, happened]);
  });

  it("reports an unknown program", async () => {
    const { time, host } = createBench();
    const odd = host.add(unit("odd", "nowhere"));
    odd.start();
    await time.run(1000);
    expect(odd.view.lastExit?.error).toBe("no program is called nowhere");
  });
});
