import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configFile } from "../../../../lb/config/medium.ts";
import { createConfigStore, type ConfigStore } from "../../../../lb/config/store.ts";
import type { Host, PortView } from "../../../../lab/world/host.ts";
import type { AdminClient } from "../../../../lab/world/admin-client.ts";
import { createOutside, foreignHolders, type Outside } from "../../../../lab/world/run/outside.ts";
import { processState } from "../../../../runtime/process-identity.ts";
import { createMachine } from "../../../../lab/world/machine.ts";
import type { OutsideStep } from "../../../../lab/world/world.ts";
import { createFakeLauncher, type FakeLauncher } from "../../../support/fake-launcher.ts";
import { settled } from "../../../support/fake-world.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { nodeHashing } from "../../../../runtime/node-hashing.ts";

const YAML = `listeners: [{ name: public, bind: 127.0.0.1:8080, routes: [{ path: /, pool: web }] }]
pools: { web: { policy: { type: round-robin }, upstreams: [{ name: web-1, address: 127.0.0.1:9101 }] } }
`;

let dir: string;
let configPath: string;
let clock: ManualClock;
let launcher: FakeLauncher;
let host: Host;
let store: ConfigStore;
let outside: Outside;
let inForce: number | undefined;
let weight: number;
let state: string;
let ports: PortView[];
let steps: OutsideStep[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "outside-"));
  configPath = join(dir, "balancer.yaml");
  clock = createManualClock();
  launcher = createFakeLauncher({ obey: true });
  const machine = createMachine({ clock, launch: launcher.launch });
  ports = [];
  host = { ...machine, ports: async () => ports, dispose: async () => {} };
  store = createConfigStore(configFile(configPath), { clock, hashing: nodeHashing });
  store.create(YAML, { author: "lab", reason: "" });
  inForce = 1;
  weight = 1;
  state = "UP";
  const admin = {
    inForce: async () => inForce,
    pools: async () => [{ pool: "web", upstreams: [{ upstream: "web-1", state, weight }] }] as never,
  } as Partial<AdminClient> as AdminClient;
  outside = createOutside({
    clock,
    host,
    admin,
    store,
    configPath,
    stateOf: processState,
    foreign: () => foreignHolders(host, 7),
  });
  for (const name of ["balancer", "web-1"]) {
    host
      .add({
        name,
        description: "",
        program: "backend",
        config: {},
        restart: { when: "always", delayMs: 1000, startLimit: { burst: 5, intervalMs: 60_000 } },
        stopTimeoutMs: 1000,
        enabled: true,
      })
      .start();
    launcher.only(name).ready();
  }
  steps = [];
  outside.watch((step) => steps.push(step));
  await settled();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Time for as many looks. */
async function look(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    clock.advance(1000);
    await settled();
  }
}
const actions = (): string[] => steps.map(({ action }) => action);

describe("a process that ends", () => {
  it.each([
    ["SIGKILL", "kill -KILL web-1"],
    ["SIGSEGV", "kill -SEGV web-1"],
    [0, "kill -TERM web-1"],
  ] as const)("by %s from outside is a step by an unknown actor", (how, action) => {
    launcher.only("web-1").exit(how);
    expect(steps).toMatchObject([{ action, subject: "web-1", by: "unknown" }]);
  });

  it("with a status of its own has crashed by itself, and is none", () => {
    launcher.only("web-1").exit(1);
    expect(steps).toEqual([]);
  });

  it("by an act of the lab is none, also when it ends a moment after that", async () => {
    await outside.own(async () => void host.unit("web-1")?.stop(), "web-1");
    host.unit("web-1")?.start();
    launcher.only("web-1").ready();
    await outside.own(async () => {}, "web-1");
    clock.advance(500);
    launcher.only("web-1").exit("SIGKILL");
    await look(3);
    expect(steps).toEqual([]);
  });

  it("while the lab changes something else is one, and none of the unit that the lab acts on", async () => {
    for (const unit of [undefined, "balancer"]) {
      await outside.own(async () => launcher.only("web-1").exit("SIGTERM"), unit);
      expect(actions()).toEqual(["kill -TERM web-1"]);
      steps.length = 0;
      clock.advance(1000);
      launcher.only("web-1").ready();
    }
    await outside.own(async () => launcher.only("web-1").exit("SIGKILL"), "web-1");
    await outside.own(async () => void host.unit("balancer")?.restart());
    await look(3);
    expect(steps).toEqual([]);
  });

  it("is one again some seconds after an act", async () => {
    await outside.own(async () => {}, "web-1");
    await look(4);
    launcher.only("web-1").exit("SIGKILL");
    expect(actions()).toEqual(["kill -KILL web-1"]);
  });
});

describe("the balancer's file", () => {
  it("that is edited is a step with what it was and what it is, by whose file it is", async () => {
    appendFileSync(configPath, "# by hand\n");
    await look();
    expect(steps).toMatchObject([
      {
        action: "edit balancer.yaml",
        subject: "config",
        config: { before: YAML, after: `${YAML}# by hand\n` },
      },
    ]);
    expect(steps[0]?.by).toContain("whose file it is");
    await look(3);
    expect(steps).toHaveLength(1);
  });

  it("that is removed, or made no configuration any more, is a step, too", async () => {
    appendFileSync(configPath, "pools: {}\n");
    await look();
    rmSync(configPath);
    await look();
    expect(actions()).toEqual(["edit balancer.yaml", "remove balancer.yaml"]);
  });

  it("that is reloaded by a signal is a step of its own", async () => {
    appendFileSync(configPath, "# by hand\n");
    await look();
    inForce = store.read().version;
    await look();
    expect(actions()).toEqual(["edit balancer.yaml", "kill -HUP balancer"]);
  });

  it("that was changed by the balancer's own interface is one step, by the author that was given", async () => {
    inForce = store.apply(`${YAML}# put\n`, { author: "carol", reason: "" }).version;
    await look();
    expect(steps).toMatchObject([
      { action: "PUT /config", by: '"carol", by the balancer\'s admin interface', config: {} },
    ]);
  });

  it("that an act of the lab changed is none", async () => {
    await outside.own(async () => {
      inForce = store.apply(`${YAML}# applied\n`, { author: "trainee", reason: "" }).version;
    });
    await look(3);
    expect(steps).toEqual([]);
  });

  it("that was edited just before an act is a step all the same", async () => {
    appendFileSync(configPath, "# by hand\n");
    await outside.own(async () => {});
    expect(actions()).toEqual(["edit balancer.yaml"]);
  });
});

describe("an upstream", () => {
  it("whose weight or state was set by the balancer's own interface is a step", async () => {
    weight = 0;
    await look();
    state = "DRAIN";
    await look();
    expect(steps).toMatchObject([
      {
        action: "PATCH /upstreams/web-1",
        subject: "upstream web-1",
        message: "ready weight 0, was ready weight 1",
      },
      { message: "DRAIN weight 0, was ready weight 0" },
    ]);
  });

  it("that a check or a balancer that starts afresh has otherwise is none", async () => {
    state = "DOWN";
    await look();
    state = "EJECTED";
    await look();
    launcher.only("balancer").exit(1);
    weight = 3;
    clock.advance(1000);
    launcher.only("balancer").ready();
    await look(2);
    expect(steps).toEqual([]);
  });
});

describe("a port of the lab", () => {
  it("on which another program listens is a step, when it comes and when it goes", async () => {
    const pid = process.pid;
    ports = [
      { port: 8080, pid: 1000, program: "node", unit: "balancer" },
      { port: 7070, pid: 7, program: "node", unit: undefined },
    ];
    await look(3);
    ports.push({ port: 9101, pid, program: "nc", unit: undefined });
    await look(3);
    ports.pop();
    await look(3);
    expect(steps).toMatchObject([
      {
        action: "listen on port 9101",
        subject: "port 9101",
        message: `nc (pid ${pid}), none of the lab's, listens there`,
      },
      { action: "leave port 9101" },
    ]);
    expect(steps[0]?.by).not.toBe("unknown");
  });
});

it("reports nothing after it was cancelled", async () => {
  const more: OutsideStep[] = [];
  const cancel = outside.watch((step) => more.push(step));
  await look();
  cancel();
  appendFileSync(configPath, "# by hand\n");
  launcher.only("web-1").exit("SIGKILL");
  await look(3);
  expect([...steps, ...more]).toEqual([]);
});
