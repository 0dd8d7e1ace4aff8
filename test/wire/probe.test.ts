import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRequester, type Judged } from "../../lab/probe/requester.ts";
import { openConnection } from "../../lab/load/connection.ts";
import { startLoad } from "../../lab/load/load.ts";
import { createRequestMix } from "../../lab/load/request-mix.ts";
import { createTally } from "../../lab/load/tally.ts";
import type { ProbeRecord } from "../../lab/probe/record.ts";
import { createSocketSend } from "../../lab/probe/socket.ts";
import { systemClock } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import { buildParts } from "../support/build-parts.ts";
import { runUnitMain, type RunningUnit } from "../support/run-unit.ts";
import { shopServer } from "../support/shop-server.ts";
import { until } from "../support/until.ts";
import {
  answeringUpstream,
  deadUpstream,
  endingUpstream,
  httpUpstream,
  midBodyDeath,
  resettingUpstream,
  stalledUpstream,
  type TestUpstream,
} from "../support/upstreams.ts";

const BODY = `{"backend":"web-1","nonce":"`;

function askPage(port: number, timeoutMs = 5000): Promise<Judged> {
  const requester = createRequester({
    clock: systemClock,
    random: seeded(1),
    send: createSocketSend({ service: `http://127.0.0.1:${port}` }),
  });
  return new Promise((resolve) =>
    requester.request(
      {
        route: "page",
        userName: "user-1",
        timeoutMs,
        to: "service",
        method: "GET",
        path: "/products",
        cookie: "user=user-1",
        body: undefined,
      },
      resolve,
    ),
  );
}

describe("a request of the prober over a real socket", () => {
  let upstream: TestUpstream;
  afterEach(() => upstream.close());

  it("is ok when a backend answers with the nonce, on a connection of its own", async () => {
    upstream = await httpUpstream((request, response) =>
      response.end(JSON.stringify({ backend: "web-1", nonce: request.headers["x-nonce"] })),
    );
    expect(await askPage(upstream.port)).toMatchObject({ result: "ok", status: 200, backend: "web-1" });
    expect(await askPage(upstream.port)).toMatchObject({ result: "ok" });
    expect(upstream.accepted).toBe(2);
    const head = upstream.requests[0] ?? "";
    expect(head).toMatch(/^GET \/products HTTP\/1.1\r\n/);
    expect(head).toMatch(/\r\ncookie: user=user-1/i);
    expect(head).toMatch(/\r\nx-nonce: \S+/i);
  });

  it("looks like one of the load's: no configuration can distinguish the two", async () => {
    upstream = await httpUpstream((_request, response) => response.end("{}"));
    await askPage(upstream.port);
    const next = createRequestMix(
      { users: { count: 1, prefix: "user-" }, pages: ["/products"], mix: {} },
      seeded(1),
    );
    const lanes = startLoad(
      {
        url: `http://127.0.0.1:${upstream.port}`,
        requestsPerSecond: 1,
        connections: 1,
        timeoutMs: 5000,
        next,
      },
      { clock: systemClock, open: openConnection, tally: createTally() },
    );
    await until(() => upstream.requests.length > 1, "a request of the load");
    lanes.stop();
    const [probed, loaded] = upstream.requests.map((head) =>
      head
        .trim()
        .toLowerCase()
        // Both end in a number of their own, behind what is unpredictable where there is a key.
        .replace(/(x-nonce: )\S+/, "$1...")
        .replace(/user=user-\d+/, "user=...")
        .split("\r\n")
        .sort(),
    );
    expect(probed).toEqual(loaded);
  });

  it("is refused where nothing listens", async () => {
    upstream = await deadUpstream();
    expect(await askPage(upstream.port)).toMatchObject({ result: "refused", status: undefined });
  });

  it("is cut by a reset", async () => {
    upstream = await resettingUpstream();
    expect(await askPage(upstream.port)).toMatchObject({ result: "cut", status: undefined });
  });

  it("is cut by a connection that ends without an answer", async () => {
    upstream = await endingUpstream("");
    expect(await askPage(upstream.port)).toMatchObject({ result: "cut" });
  });

  it("is cut by an answer that ends too early", async () => {
    upstream = await endingUpstream(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${BODY}`);
    expect(await askPage(upstream.port)).toMatchObject({ result: "cut" });
  });

  it("is cut by a reset in the middle of a chunked answer", async () => {
    upstream = await midBodyDeath(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"bac\r\n`, () =>
      Promise.resolve(),
    );
    expect(await askPage(upstream.port)).toMatchObject({ result: "cut" });
  });

  it("is cut by what is no HTTP at all", async () => {
    upstream = await answeringUpstream("220 mail.example ready\r\n");
    expect(await askPage(upstream.port)).toMatchObject({ result: "cut" });
  });

  it("times out when nothing comes, and closes its connection", async () => {
    upstream = await stalledUpstream();
    expect(await askPage(upstream.port, 100)).toMatchObject({ result: "timeout", status: undefined });
    await until(() => upstream.open === 0, "the connection to be closed");
  });

  it("times out when the answer begins and never ends", async () => {
    upstream = await answeringUpstream(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${BODY}`);
    expect(await askPage(upstream.port, 100)).toMatchObject({ result: "timeout" });
  });

  it("is wrong with another request's nonce", async () => {
    upstream = await httpUpstream((_, response) =>
      response.end(JSON.stringify({ backend: "web-1", nonce: "another" })),
    );
    expect(await askPage(upstream.port)).toMatchObject({ result: "wrong", status: 200 });
  });

  it("is wrong when the answer is far longer than any of ours, which is not read to its end", async () => {
    upstream = await httpUpstream((_, response) => {
      response.writeHead(200, { "content-length": 1e9 });
      response.write(Buffer.alloc(200_000, "x"));
    });
    expect(await askPage(upstream.port)).toMatchObject({ result: "wrong" });
    await until(() => upstream.open === 0, "the connection to be closed");
  });

  it("fails by status with the balancer's flag when the balancer answers itself", async () => {
    upstream = await httpUpstream((_, response) => {
      response.writeHead(503, { "x-balancer-flag": "UO" });
      response.end("no room");
    });
    expect(await askPage(upstream.port)).toMatchObject({ result: "status", status: 503, flag: "UO" });
  });
});

describe("the prober as a unit", () => {
  let parts: ReturnType<typeof buildParts>;
  let unit: RunningUnit | undefined;
  beforeAll(() => {
    parts = buildParts(["lab/probe/main.ts"]);
  });
  afterEach(async () => {
    await unit?.finish();
    unit = undefined;
  });
  afterAll(() => parts.remove());

  it("logs its users in, reports ready, reports their results, and publishes them", async () => {
    const shop = await shopServer();
    unit = runUnitMain(parts.build, "lab/probe/main.js", {
      name: "probe",
      seed: 1,
      target: shop.url,
      users: { count: 10, prefix: "user-" },
      visitEveryMs: 200,
      timeoutMs: 2000,
      pages: ["/", "/products"],
      login: { retryEveryMs: 500, retryJitter: 0.5, patienceMs: 2000, rampMs: 500 },
      api: { target: shop.url, perSecond: 10 },
      metricsPort: 0,
    } as { name: string });
    const { messages } = unit;
    const records = () =>
      messages.filter(({ type }) => type === "probe").flatMap((report) => report["records"] as ProbeRecord[]);
    const of = (route: ProbeRecord["route"]) => records().filter((record) => record.route === route);
    await until(() => messages.some(({ type }) => type === "probe-ready"), "the ramp to be over");
    await until(() => of("login").length === 10 && of("account").length > 20, "logins and accounts");
    await until(() => of("page").length > 20 && of("api").length > 5, "pages and API calls");
    expect(records().filter(({ result }) => result !== "ok")).toEqual([]);
    // No connection carries two requests; the last one may have been accepted and not yet read.
    expect(shop.accepted).toBeGreaterThanOrEqual(shop.requests.length);
    expect(new Set(shop.requests.map(({ nonce }) => nonce)).size).toBe(shop.requests.length);

    shop.sessions.clear();
    await until(() => of("login").length === 20, "all users to log in again");
    expect(of("account").filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(10);

    await shop.close();
    await until(() => records().some(({ result }) => result === "refused"), "a refused request");
    const port = messages.find(({ type }) => type === "ready")?.["metricsPort"];
    const scrape = async () => (await fetch(`http://127.0.0.1:${Number(port)}/metrics`)).text();
    const text = await until(async () => {
      const published = await scrape();
      return /probe_users_affected_ratio (0\.[5-9]|1\n)/.test(published) && published;
    }, "most users to be affected");
    expect(text).toMatch(/probe_requests_total\{route="page",result="refused"\} [1-9]/);
    expect(text).toMatch(/probe_request_duration_seconds_count\{route="login"\} 20/);
    expect(await unit.finish()).toBe(0);
  });

  it("refuses a configuration with an unknown setting", async () => {
    unit = runUnitMain(parts.build, "lab/probe/main.js", { name: "probe", colour: "blue" } as {
      name: string;
    });
    expect(await unit.ended).toBe(2);
  });
});
