import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startControl } from "../../lab/control/server.ts";
import type { LiveHost } from "../../lab/world/live/host.ts";
import { createMachine } from "../../lab/world/machine.ts";
import { portPlan } from "../../lab/world/ports.ts";
import { claimRunDir, type RunDir } from "../../lab/world/run/run-dir.ts";
import { createLiveWorld } from "../../lab/world/live/world.ts";
import type { World } from "../../lab/world/world.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { Secret } from "../../runtime/secret.ts";
import { portConflict } from "../../scenarios/port-conflict/scenario.ts";
import { createEventBus } from "../../lab/events/bus.ts";
import { statusOf } from "../../lab/trainee/status.ts";
import { seeded } from "../../runtime/random.ts";
import { readPaths } from "../support/read-paths.ts";
import { readUntil } from "../support/read-stream.ts";
import { createFakeLauncher } from "../support/fake-launcher.ts";

const MARKER = "m4rker-T00-B00";
const ROOT = join(import.meta.dirname, "..", "..");
const BASE = 8080;

describe("with a target outside whose URL is a secret", () => {
  let home: string;
  let runDir: RunDir;
  let world: World;
  let host: LiveHost;
  let server: FastifyInstance;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "lblab-secrets-"));
    runDir = await claimRunDir({ home, base: BASE, ports: [BASE], pid: process.pid }, { clock });
    const { launch } = createFakeLauncher({ obey: true, readyAtOnce: true });
    const none = async () => [];
    host = {
      ...createMachine({ clock, launch }),
      ports: none,
      foreignPrograms: none,
      dispose: async () => {},
    };
    world = createLiveWorld(
      {
        plan: portPlan(BASE),
        seed: 1,
        dashboards: join(ROOT, "dashboards"),
        notify: {
          slack: new Secret(`https://hooks.slack.test/services/${MARKER}`),
          webhook: new Secret(`https://ada:${MARKER}@hooks.test/`),
        },
      },
      { clock, runDir, host, onContinued: () => () => {} },
    );
    const { topology, workload } = portConflict.paces.drill;
    await world.start(topology, workload);
    const bus = createEventBus({
      clock,
      random: seeded(1),
      gather: () =>
        statusOf({
          listener: "127.0.0.1:1",
          world: () => world,
          drill: () => undefined,
          users: () => undefined,
        }),
    });
    bus.watch(world);
    server = await startControl({
      instance: runDir.instance,
      clock,
      port: 0,
      token: runDir.token,
      listener: `127.0.0.1:${BASE}`,
      world: () => world,
      drill: () => undefined,
      users: () => undefined,
      bus,
      onDown() {},
    });
  });
  afterEach(async () => {
    await server.close();
    runDir.release();
    rmSync(home, { recursive: true, force: true });
  });

  it("no path of the control API shows it, with or without the token", async () => {
    const units = host.units().map(({ name }) => name);
    expect(units).toContain("evaluator");
    const paths = [...readPaths(server)].flatMap(([path, methods]) =>
      !methods.includes("GET")
        ? []
        : path.includes(":unit")
          ? units.map((unit) => path.replace(":unit", unit))
          : [path],
    );
    expect(paths).toEqual(expect.arrayContaining(["/v1/units", "/v1/status", "/v1/units/evaluator/config"]));
    const address = server.server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    for (const path of paths)
      for (const headers of [{}, { authorization: `Bearer ${runDir.token}` }]) {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
        const isStream = answer.headers.get("content-type") === "text/event-stream";
        const text = await (isStream ? readUntil(answer, "event: state", "event: traffic") : answer.text());
        expect(text, path).not.toContain(MARKER);
      }
  });

  it("no view of a unit holds its configuration", () => {
    for (const view of world.sight.units()) expect(view).not.toHaveProperty("config");
    for (const { name, definition } of host.units().map((view) => ({ ...view, ...host.unit(view.name) })))
      expect(JSON.stringify(definition?.config), name).not.toContain(MARKER);
  });

  it("the snapshot of the lab does not hold it", async () => {
    expect(JSON.stringify(await world.snapshot())).not.toContain(MARKER);
  });

  it("one file for the owner only holds each, until the run ends", () => {
    const holding = () =>
      readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => readFileSync(path, "utf8").includes(MARKER));
    const { secrets } = runDir.paths;
    expect(holding().sort()).toEqual([join(secrets, "notify-slack"), join(secrets, "notify-webhook")]);
    for (const path of holding()) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    runDir.release();
    expect(holding()).toEqual([]);
  });
});
