import { request as httpRequest } from "node:http";
import { describe, expect, it, vi } from "vitest";
import { startControl, type ControlDeps } from "../../lab/control/server.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { QueryRequest, SilenceRequest } from "../../lab/world/monitoring.ts";
import type { World } from "../../lab/world/world.ts";
import { during } from "../support/cleanup.ts";
import { createDrillBench, type DrillBench } from "../support/fake-drill.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { quietBus } from "../support/quiet-bus.ts";
import { until } from "../support/until.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const SILENCE = {
  matchers: [{ name: "alertname", value: "A", isRegex: false, isEqual: true }],
  seconds: 60,
  by: "ann",
  comment: "",
};

interface Api {
  readonly bench: DrillBench;
  readonly calls: { lines?: number; version?: number | undefined; query?: QueryRequest };
  readonly silenced: SilenceRequest[];
  readonly onDown: ReturnType<typeof vi.fn>;
  readonly port: number;
  /** The looks in a drill's record. */
  looks(): unknown[];
  get(path: string): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
}

/** The control API of a lab whose drill has paged, or of one without a drill. */
async function control({
  drilling = true,
  sight = {},
}: { readonly drilling?: boolean; readonly sight?: Partial<World["sight"]> } = {}): Promise<Api> {
  const bench = createDrillBench();
  if (drilling) await bench.runUntil("paged");
  const calls: Api["calls"] = {};
  const silenced: SilenceRequest[] = [];
  const onDown = vi.fn();
  const world: World = {
    ...bench.world,
    sight: {
      ...bench.world.sight,
      unitConfig: () => ({ workers: 2 }),
      logs: async (_unit, lines) => ((calls.lines = lines), ["a line"]),
      config: async (version = 9) => ((calls.version = version), { version, yaml: "" }),
      ports: async () => [],
      metrics: async (unit) => `up{unit="${unit}"} 1\n`,
      ...sight,
    },
    monitoring: {
      ...bench.world.monitoring,
      query: async (query) => ((calls.query = query), { resultType: "scalar", result: [0, "1"] }),
      silence: async (wanted) => (silenced.push(wanted), { ok: true, message: "silenced" }),
    },
  };
  const clock = createManualClock();
  const deps: ControlDeps = {
    port: 0,
    token: TOKEN,
    instance: "i1",
    clock,
    listener: "127.0.0.1:1",
    world: () => world,
    drill: () => (drilling ? bench.drill : undefined),
    users: () => undefined,
    bus: quietBus(clock),
    onDown,
  };
  const { server } = await during(startControl(deps));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const base = `http://127.0.0.1:${port}`;
  return {
    bench,
    calls,
    silenced,
    onDown,
    port,
    looks: () => bench.journal.lines.flatMap((line) => (line.event === "looked" ? [line.subject] : [])),
    async get(path) {
      // Long enough that what was seen before does not count as the same look.
      clock.advance(60_000);
      return fetch(`${base}${path}`, { headers: AUTHORIZED });
    },
    post: (path, body = {}) =>
      fetch(`${base}${path}`, {
        method: "POST",
        headers: { ...AUTHORIZED, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

const errorOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { readonly error: unknown }).error;

describe("the control API notes looks during a drill", () => {
  it("at what is there, and none at what is not", async () => {
    const absent = () => {
      throw new CodedError("NOT_FOUND", "there is no web-9", { hint: "see units" });
    };
    const { get, looks } = await control({ sight: { logs: absent, unitConfig: absent } });
    for (const path of ["/v1/logs/web-9", "/v1/units/web-9/config"]) {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toEqual({
        code: "NOT_FOUND",
        message: "there is no web-9",
        hint: "see units",
      });
    }
    expect(looks()).toEqual([]);
  });

  it("but a look at the metrics of a unit that gives none was one", async () => {
    const { get, looks } = await control({ sight: { metrics: async () => undefined } });
    expect((await get("/v1/metrics/web-3")).status).toBe(404);
    expect(looks()).toEqual(["web-3"]);
  });
});

describe("the control API's default answer", () => {
  it("is a hundred lines of a log", async () => {
    const { get, calls } = await control();
    await get("/v1/logs/web-1");
    expect(calls.lines).toBe(100);
    await get("/v1/logs/web-1?lines=10000");
    expect(calls.lines).toBe(10_000);
    await get("/v1/logs/web-1?lines=1");
    expect(calls.lines).toBe(1);
  });

  it("is the newest configuration", async () => {
    const { get, calls } = await control();
    await get("/v1/config");
    expect(calls.version).toBe(9);
    await get("/v1/config?version=1");
    expect(calls.version).toBe(1);
  });

  it("is one value of an expression, or a range of about sixty", async () => {
    const { get, calls } = await control();
    await get("/v1/query?query=up");
    expect(calls.query).toEqual({ expression: "up" });
    await get("/v1/query?query=up&range=600");
    expect(calls.query).toEqual({ expression: "up", range: { seconds: 600, stepSeconds: 10 } });
    await get("/v1/query?query=up&range=20");
    expect(calls.query?.range).toEqual({ seconds: 20, stepSeconds: 1 });
    await get("/v1/query?query=up&range=86400&step=5");
    expect(calls.query?.range).toEqual({ seconds: 86_400, stepSeconds: 5 });
  });

  it.each([
    "/v1/logs/web-1?lines=0",
    "/v1/logs/web-1?lines=10001",
    "/v1/logs/web-1?lines=1.5",
    "/v1/logs/web-1?lines=many",
    "/v1/config?version=0",
    "/v1/config?version=1.5",
    "/v1/query",
    "/v1/query?query=",
    `/v1/query?query=${"x".repeat(10_001)}`,
    "/v1/query?query=up&range=0",
    "/v1/query?query=up&range=86401",
    "/v1/query?query=up&range=60&step=0",
    "/v1/query?query=up&stpe=5",
  ])("is refused where it means nothing, and is no look (%#)", async (path) => {
    const { get, calls, looks } = await control();
    const response = await get(path);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: "USAGE" });
    expect(calls).toEqual({});
    expect(looks()).toEqual([]);
  });
});

describe("what is posted to the control API", () => {
  const [matcher] = SILENCE.matchers;
  const diagnosis = { component: "web", mechanism: "traffic-skewed", scope: "some-requests" };

  it.each([
    ["/v1/actions", {}],
    ["/v1/actions", { do: "unit explode", unit: "web-1" }],
    ["/v1/actions", { do: "unit stop", unit: "web-1", now: true }],
    ["/v1/diagnose", { ...diagnosis, component: "" }],
    ["/v1/diagnose", { ...diagnosis, component: "x".repeat(65) }],
    ["/v1/diagnose", { ...diagnosis, mechanism: "bad luck" }],
    ["/v1/diagnose", { ...diagnosis, scope: "somewhere" }],
    ["/v1/diagnose", { ...diagnosis, certainty: 1 }],
    ["/v1/alerts/acknowledge", { alert: 3 }],
    ["/v1/alerts/acknowledge", { name: "HighFailureRatio" }],
    ["/v1/silences", { ...SILENCE, matchers: [] }],
    ["/v1/silences", { ...SILENCE, matchers: Array.from({ length: 21 }, () => matcher) }],
    ["/v1/silences", { ...SILENCE, matchers: [{ ...matcher, isRegex: "no" }] }],
    ["/v1/silences", { ...SILENCE, matchers: [{ ...matcher, more: 1 }] }],
    ["/v1/silences", { ...SILENCE, seconds: 0 }],
    ["/v1/silences", { ...SILENCE, seconds: 86_401 }],
    ["/v1/silences", { ...SILENCE, by: "" }],
    ["/v1/silences", { ...SILENCE, by: "x".repeat(65) }],
    ["/v1/silences", { ...SILENCE, comment: "x".repeat(501) }],
    ["/v1/silences", { ...SILENCE, until: "noon" }],
  ])("is refused, and nothing is done, where it means nothing: %s (%#)", async (path, body) => {
    const { post, bench, silenced } = await control();
    const before = [...bench.journal.lines];
    const response = await post(path, body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: "USAGE" });
    expect(bench.journal.lines).toEqual(before);
    expect(silenced).toEqual([]);
  });

  it("silences up to its bounds", async () => {
    const { post, silenced } = await control();
    const wide = {
      matchers: Array.from({ length: 20 }, () => matcher),
      seconds: 86_400,
      by: "x".repeat(64),
      comment: "x".repeat(500),
    };
    expect(await (await post("/v1/silences", wide)).json()).toEqual({ ok: true, message: "silenced" });
    await post("/v1/silences", SILENCE);
    expect(silenced).toEqual([wide, SILENCE]);
  });

  it("acknowledges as the trainee where no drill runs, and only the alerts that are named", async () => {
    const { post, bench } = await control({ drilling: false });
    bench.world.monitoring.active([
      {
        name: "A",
        labels: {},
        annotations: {},
        state: "firing",
        value: 1,
        activeAt: 0,
        firedAt: 0,
        suppressed: undefined,
      },
    ]);
    expect(await (await post("/v1/alerts/acknowledge", { alert: "B" })).json()).toEqual([]);
    expect(await (await post("/v1/alerts/acknowledge", { alert: "A" })).json()).toMatchObject([
      { name: "A", acknowledged: { by: "trainee" } },
    ]);
  });

  it.each(["/v1/check", "/v1/hint", "/v1/end"])(
    "is no drill's where none runs, which is no fault of the question: %s",
    async (path) => {
      const { post } = await control({ drilling: false });
      const response = await post(path);
      expect(response.status).toBe(409);
      expect(await errorOf(response)).toEqual({
        code: "USAGE",
        message: "no drill is running",
        hint: "npx lblab start begins one",
      });
    },
  );

  it("may be a configuration of four mebibytes, and no more", async () => {
    const { post, bench } = await control({ drilling: false });
    const most = 4 * 1024 * 1024;
    const frame = JSON.stringify({ do: "config apply", yaml: "" }).length;
    const apply = (length: number) =>
      post("/v1/actions", { do: "config apply", yaml: "x".repeat(length - frame) });
    expect((await apply(most)).status).toBe(200);
    expect(bench.world.calls).toContain("act config apply");
    const refused = await apply(most + 1).catch(() => undefined); // It may be cut off before all of it is sent.
    expect(refused?.status ?? 413).toBe(413);
    expect(bench.world.calls.filter((call) => call === "act config apply")).toHaveLength(1);
  });

  it.each([
    ["/v1/diagnose", diagnosis],
    ["/v1/end", {}],
  ])("says that it was taken: %s", async (path, body) => {
    const { post } = await control();
    expect(await (await post(path, body)).json()).toEqual({ ok: true });
  });

  it("is refused without the token, with the reason", async () => {
    const { port, onDown } = await control();
    const response = await fetch(`http://127.0.0.1:${port}/v1/down`, { method: "POST" });
    expect(response.status).toBe(401);
    expect(await errorOf(response)).toMatchObject({
      code: "UNAUTHORIZED",
      message: "changes need the bearer token",
    });
    expect(onDown).not.toHaveBeenCalled();
  });

  it("takes the lab down on request", async () => {
    const { post, onDown } = await control();
    expect(await (await post("/v1/down")).json()).toEqual({ ok: true });
    expect(onDown).toHaveBeenCalledOnce();
  });

  it("is not JSON at its own risk: the refusal is the reader's, not a bug", async () => {
    const { port } = await control();
    const response = await fetch(`http://127.0.0.1:${port}/v1/hint`, {
      method: "POST",
      headers: { ...AUTHORIZED, "content-type": "application/json" },
      body: "{",
    });
    expect(response.status).toBe(400);
  });
});

it("a fault of the lab itself is answered as one", async () => {
  const { get } = await control({
    sight: {
      ports: () => {
        throw new Error("no /proc here");
      },
    },
  });
  const response = await get("/v1/ports");
  expect(response.status).toBe(500);
  expect(await errorOf(response)).toEqual({ code: "BUG", message: "no /proc here" });
});

it("what is there is answered as it is", async () => {
  const { bench, get } = await control();
  bench.world.versions = ["a: 1\n", "a: 2\n"];
  expect(await (await get("/healthz")).json()).toEqual({ status: "ok" });
  expect(await (await get("/v1/config/history")).json()).toMatchObject([{ version: 1 }, { version: 2 }]);
});

it("metrics are text, and the lab's own need no drill", async () => {
  const { get } = await control({ drilling: false });
  const ofUnit = await get("/v1/metrics/web-1");
  expect(ofUnit.headers.get("content-type")).toBe("text/plain; version=0.0.4");
  expect(await ofUnit.text()).toBe('up{unit="web-1"} 1\n');
  const own = await get("/metrics");
  expect([own.status, own.headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4"]);
});

describe("a check", () => {
  it("ends when its client has left, and leaves no line", async () => {
    const { bench, port } = await control();
    const check = vi.spyOn(bench.drill, "check");
    const asking = httpRequest({ port, path: "/v1/check", method: "POST", headers: AUTHORIZED });
    asking.on("error", () => {});
    asking.end();
    const signal = await until(() => check.mock.calls[0]?.[0], "the check");
    expect(signal.aborted).toBe(false);
    asking.destroy();
    await until(() => signal.aborted, "the check's end");
    expect(signal.reason).toMatchObject({ message: "the client has left" });
    expect(bench.journal.events).not.toContain("checked");
  });
});
