import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { createControlClient, type ControlClient } from "../../lab/control/client.ts";
import { BACKGROUND_HEADER } from "../../lab/trainee/headers.ts";
import { startControl } from "../../lab/control/server.ts";
import { sendByFetch } from "../../lab/trainee/fetch-send.ts";
import { createHttpTrainee } from "../../lab/trainee/http-trainee.ts";
import { LAB_PATHS, OPERATION_NAMES, OPERATIONS, routeOf } from "../../lab/trainee/routes.ts";
import type { CallOptions } from "../../lab/trainee/trainee.ts";
import { wireRequest } from "../../lab/trainee/wire-request.ts";
import type { World } from "../../lab/world/world.ts";
import { during } from "../support/cleanup.ts";
import { createDrillBench } from "../support/fake-drill.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { SAMPLES } from "../support/operation-samples.ts";
import { quietBus } from "../support/quiet-bus.ts";
import { readPaths } from "../support/read-paths.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
/** Operations that a drill that has paged answers at once; a check takes its time, and a debrief comes after the end. */
const NOW = OPERATION_NAMES.filter((name) => name !== "check" && name !== "debrief");
const LOOKS = OPERATION_NAMES.filter((name) => routeOf(name).kind === "look");

interface Served {
  readonly server: FastifyInstance;
  readonly client: ControlClient;
  readonly clock: ManualClock;
  readonly base: string;
  /** Subjects that the drill's journal has of looks. */
  looked(): readonly string[];
}

/** The control API over a drill that has paged, in a world that has something to see everywhere. */
async function served(): Promise<Served> {
  const bench = createDrillBench();
  await bench.runUntil("paged");
  const clock = createManualClock();
  const world: World = {
    ...bench.world,
    sight: {
      ...bench.world.sight,
      unitConfig: () => ({}),
      logs: async () => [],
      config: async (version = 1) => ({ version, yaml: "" }),
      configHistory: async () => [],
      ports: async () => [],
      pools: async () => [],
      audit: async () => ({ comparedAt: null, lintedAt: null, drift: [], findings: [], fault: null }),
      metrics: async () => "up 1\n",
    },
    monitoring: {
      ...bench.world.monitoring,
      query: async () => ({ resultType: "scalar", result: [0, "1"] }),
      silence: async () => ({ ok: true, message: "silenced" }),
      silences: async () => [],
      expireSilence: async () => ({ ok: true, message: "over" }),
    },
    checkConfig: async () => ({ ok: true, findings: [] }),
  };
  const server = await during(
    startControl({
      port: 0,
      token: TOKEN,
      instance: "i1",
      clock,
      bus: quietBus(clock),
      listener: "127.0.0.1:1",
      world: () => world,
      drill: () => bench.drill,
      users: () => undefined,
      onDown: () => {},
    }),
  );
  const address = server.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    server,
    clock,
    client: createControlClient({ port, token: TOKEN }),
    base: `http://127.0.0.1:${port}`,
    looked: () => bench.journal.lines.flatMap((line) => (line.event === "looked" ? [line.subject] : [])),
  };
}

const subjectOf = (name: (typeof LOOKS)[number]): string => {
  const route = routeOf(name);
  if (route.kind !== "look") throw new Error(`${name} is no look`);
  return typeof route.subject === "string" ? route.subject : (SAMPLES[name] as { unit: string }).unit;
};

describe("the control API", () => {
  it("serves the table's entries, and nothing else", async () => {
    const { server } = await served();
    const entries = [...Object.values(OPERATIONS), ...Object.values(LAB_PATHS)];
    const wanted = new Map<string, string[]>();
    for (const { method, path } of entries) wanted.set(path, [...(wanted.get(path) ?? []), method]);
    expect(Object.fromEntries(readPaths(server))).toEqual(
      Object.fromEntries([...wanted].map(([path, methods]) => [path, methods.sort().join(", ")])),
    );
  });

  it.each(NOW)("answers %s by its token, or without one where none is needed", async (name) => {
    const { base } = await served();
    const { method, path, body } = wireRequest(name, SAMPLES[name]);
    const { status } = await fetch(`${base}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });
    expect(status).toBe(routeOf(name).token ? 401 : 200);
  });

  it.each(NOW)("serves %s to its clients, on the command line and in a page", async (name) => {
    const { client, base } = await served();
    const page = createHttpTrainee({ token: TOKEN, send: sendByFetch(base) });
    for (const one of [client, page]) {
      const call = one[name] as (input: object) => Promise<unknown>;
      expect(await call(SAMPLES[name])).toBeDefined();
    }
  });

  it("gives a page the same refusals, and says that it is away", async () => {
    const { base } = await served();
    const page = createHttpTrainee({ token: TOKEN, send: sendByFetch(base) });
    await expect(page.debrief()).rejects.toMatchObject({ code: "USAGE" });
    await expect(page.logs({ unit: "web-1", lines: 0 })).rejects.toMatchObject({ code: "USAGE" });
    const away = createHttpTrainee({ token: TOKEN, send: sendByFetch("http://127.0.0.1:1") });
    await expect(away.status()).rejects.toMatchObject({ code: "LAB_NOT_RUNNING" });
  });
});

describe("a look", () => {
  it.each(LOOKS)("at %s is noted as what the table says", async (name) => {
    const { client, looked } = await served();
    const look = client[name] as (input: object) => Promise<unknown>;
    await look(SAMPLES[name]);
    expect(looked()).toEqual([subjectOf(name)]);
  });

  it.each(NOW.filter((name) => !LOOKS.includes(name)))("is none by %s", async (name) => {
    const { client, looked } = await served();
    const call = client[name] as (input: object) => Promise<unknown>;
    await call(SAMPLES[name]);
    expect(looked()).toEqual([]);
  });

  it.each(LOOKS)("is none that has no token: %s", async (name) => {
    const { base, looked } = await served();
    expect((await fetch(`${base}${wireRequest(name, SAMPLES[name]).path}`)).status).toBe(200);
    expect(looked()).toEqual([]);
  });

  it("is what a person requested: a page that refreshes four of them a second adds nothing to its six", async () => {
    const { client, clock, looked } = await served();
    const opened = ["units", "changes", "alerts", "ports", "config", "configHistory"] as const;
    for (const name of opened) {
      await client[name]();
      clock.advance(6000);
    }
    const requested = [...looked()];
    for (let second = 0; second < 40; second++) {
      const background: CallOptions = { background: true };
      await Promise.all([
        client.units({}, background),
        client.changes({}, background),
        client.alerts({}, background),
        client.logs({ unit: "web-1" }, background),
      ]);
      clock.advance(1000);
    }
    expect(requested).toEqual(["units", "changes", "alerts", "ports", "config", "config"]);
    expect(looked()).toEqual(requested);
  });

  it("is none with the header of a refresh, whatever client sends it", async () => {
    const { base, looked } = await served();
    const headers = { authorization: `Bearer ${TOKEN}`, [BACKGROUND_HEADER]: "1" };
    expect((await fetch(`${base}/v1/changes`, { headers })).status).toBe(200);
    expect(looked()).toEqual([]);
  });
});
