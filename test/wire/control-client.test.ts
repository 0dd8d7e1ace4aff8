import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createControlClient, type ControlAddress } from "../../lab/control/client.ts";
import { INSTANCE_HEADER } from "../../lab/trainee/headers.ts";
import { startControl } from "../../lab/control/server.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createDrillBench } from "../support/fake-drill.ts";
import { createFakeWorld } from "../support/fake-world.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { quietBus } from "../support/quiet-bus.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
let server: Server;
let answer: (path: string) => { readonly instance?: string; readonly body: string } | undefined;

beforeEach(async () => {
  server = createServer((request, response) => {
    const given = answer(request.url ?? "");
    if (!given) return;
    if (given.instance !== undefined) response.setHeader(INSTANCE_HEADER, given.instance);
    response.end(given.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const portOf = (of: Server): number => {
  const address = of.address();
  return typeof address === "object" && address ? address.port : 0;
};
const client = (more: Partial<ControlAddress> = {}, ms = 100) =>
  createControlClient({ port: portOf(server), token: TOKEN, ...more }, { look: ms, act: ms, check: ms });

describe("a lab that hangs", () => {
  beforeEach(() => void (answer = () => undefined));

  it("is not waited for for ever, and the error says what to do", async () => {
    const hangs = client({ pid: 4711 });
    for (const call of [hangs.status(), hangs.check(), hangs.act({ do: "unit stop", unit: "web-1" })])
      await expect(call).rejects.toMatchObject({
        code: "LAB_NOT_RUNNING",
        message: expect.stringContaining("no answer within 0.1 s") as string,
        hint: expect.stringContaining("kill -KILL 4711") as string,
      });
  });

  it("does not keep a command that is interrupted", async () => {
    const interrupt = new AbortController();
    const waiting = client({ signal: interrupt.signal }, 60_000).status();
    interrupt.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow("interrupted");
  });

  it("is aborted also in the middle of its answer", async () => {
    server.removeAllListeners("request");
    server.on("request", (_request, response) => response.write("{"));
    await expect(client().status()).rejects.toThrow("no answer within");
  });
});

describe("another lab on the port", () => {
  it.each([["another one", "i2"] as const, ["none", undefined] as const])(
    "is distinguished from the one that is meant by the id of its run: %s",
    async (_which, instance) => {
      answer = () => ({ body: "[]", ...(instance === undefined ? {} : { instance }) });
      await expect(client({ instance: "i1" }).changes()).rejects.toMatchObject({
        code: "LAB_NOT_RUNNING",
        message: expect.stringContaining("another lab answers") as string,
      });
    },
  );

  it("is none: the run that is meant answers", async () => {
    answer = () => ({ body: "[]", instance: "i1" });
    expect(await client({ instance: "i1" }).changes()).toEqual([]);
  });
});

describe("the control API", () => {
  it("names its run in every answer, and notes as looks what was requested with the token and found", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    bench.world.versions = ["a: 1\n"];
    const control = await startControl({
      port: 0,
      token: TOKEN,
      instance: "i1",
      clock: systemClock,
      listener: "127.0.0.1:1",
      world: () => bench.world,
      drill: () => bench.drill,
      users: () => undefined,
      bus: quietBus(systemClock),
      onDown: () => {},
    });
    const port = portOf(control.server);
    const looked = () => bench.journal.lines.filter(({ event }) => event === "looked");
    try {
      for (const path of ["/v1/changes", "/v1/config", "/v1/alerts", "/v1/units"]) {
        const { headers, status } = await fetch(`http://127.0.0.1:${port}${path}`);
        expect([path, status, headers.get(INSTANCE_HEADER)]).toEqual([path, 200, "i1"]);
      }
      expect(looked()).toEqual([]);
      const own = createControlClient({ port, token: TOKEN, instance: "i1" });
      await own.changes();
      await own.config();
      await own.alerts();
      await own.units();
      await expect(own.config({ version: 7 })).rejects.toThrow();
      expect(looked()).toMatchObject([
        { subject: "changes" },
        { subject: "config" },
        { subject: "alerts" },
        { subject: "units" },
      ]);
    } finally {
      await control.close();
    }
  });

  it("takes no act, check, diagnosis, hint or end past the drill", async () => {
    const bench = createDrillBench();
    await bench.runUntil("paged");
    const control = await startControl({
      port: 0,
      token: TOKEN,
      instance: "i1",
      clock: systemClock,
      listener: "127.0.0.1:1",
      world: () => bench.world,
      drill: () => bench.drill,
      users: () => undefined,
      bus: quietBus(systemClock),
      onDown: () => {},
    });
    const own = createControlClient({
      port: portOf(control.server),
      token: TOKEN,
    });
    try {
      await own.act({ do: "unit restart", unit: "web-2" });
      await own.hint();
      await own.diagnose({ component: "web", mechanism: "traffic-skewed", scope: "some-requests" });
      await own.acknowledge();
      await own.end();
      expect(bench.journal.events.slice(-5)).toEqual([
        "acted",
        "hinted",
        "diagnosed",
        "acknowledged",
        "ending",
      ]);
    } finally {
      await control.close();
    }
  });

  it("acts on the world itself where no drill runs", async () => {
    const world = createFakeWorld(createManualClock());
    const control = await startControl({
      port: 0,
      token: TOKEN,
      instance: "i1",
      clock: systemClock,
      listener: "127.0.0.1:1",
      world: () => world,
      drill: () => undefined,
      users: () => undefined,
      bus: quietBus(systemClock),
      onDown: () => {},
    });
    const own = createControlClient({ port: portOf(control.server), token: TOKEN });
    try {
      await own.act({ do: "unit restart", unit: "web-2" });
      expect(world.calls).toContain("act unit restart");
      await expect(own.hint()).rejects.toThrow("no drill is running");
    } finally {
      await control.close();
    }
  });
});
