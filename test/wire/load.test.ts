import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadCommand, type LoadFlags } from "../../lab/cli/balancer/load-command.ts";
import type { LoadResult } from "../../lab/cli/balancer/load-result.ts";
import type { Output } from "../../lab/cli/output.ts";
import { openConnection } from "../../lab/load/connection.ts";
import { startLoad, type LoadOptions } from "../../lab/load/load.ts";
import { createTally } from "../../lab/load/tally.ts";
import type { LoadReport } from "../../lab/probe/record.ts";
import { systemClock } from "../../runtime/clock.ts";
import { buildParts } from "../support/build-parts.ts";
import { runUnitMain, type RunningUnit } from "../support/run-unit.ts";
import { shopServer, type ShopServer } from "../support/shop-server.ts";
import { until } from "../support/until.ts";
import {
  deadUpstream,
  endingUpstream,
  resettingUpstream,
  stalledUpstream,
  type TestUpstream,
} from "../support/upstreams.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function load(port: number, changes: Partial<LoadOptions> = {}) {
  const tally = createTally();
  const lanes = startLoad(
    {
      url: `http://127.0.0.1:${port}/`,
      requestsPerSecond: 20,
      connections: 20,
      timeoutMs: 5000,
      next: () => ({ path: "/products", headers: { cookie: "user=user-1", "x-nonce": "n" } }),
      ...changes,
    },
    { clock: systemClock, open: openConnection, tally },
  );
  cleanups.push(() => lanes.stop());
  return { tally, lanes };
}

async function using<T extends ShopServer | TestUpstream>(server: Promise<T>): Promise<T> {
  const started = await server;
  cleanups.push(() => started.close());
  return started;
}

describe("the load over real sockets", () => {
  it("sends the requests it is given, one a second on each connection, and counts the answers", async () => {
    const shop = await using(shopServer());
    const { tally } = load(shop.port);
    await until(() => tally.totals().answered >= 60, "three rounds of requests");
    const { sent, answered, inFlight, failed, statuses } = tally.totals();
    expect(sent).toBe(answered + inFlight);
    expect(failed).toBe(0);
    expect(statuses).toEqual({ 200: answered });
    expect(shop.accepted).toBe(20);
    expect(new Set(shop.requests.map(({ path, user, nonce }) => `${path} ${user} ${nonce}`))).toEqual(
      new Set(["/products user-1 n"]),
    );
  });

  it("does not lose requests to a server that closes the connection after each answer", async () => {
    const shop = await using(shopServer());
    shop.answer = { keepAlive: false };
    const { tally } = load(shop.port, { requestsPerSecond: 60 });
    await until(() => tally.totals().answered >= 150, "150 answers");
    expect(tally.totals().failed).toBe(0);
    expect(shop.accepted).toBeGreaterThanOrEqual(150);
  });

  it("counts answers of 5xx as answered and failed", async () => {
    const shop = await using(shopServer());
    shop.answer = { status: 503 };
    const { tally } = load(shop.port);
    await until(() => tally.totals().answered >= 20, "answers");
    const { answered, failed } = tally.totals();
    expect(failed).toBe(answered);
  });

  it("tries a refused port a few times a second at most, and comes back when it opens", async () => {
    const dead = await deadUpstream();
    const { tally } = load(dead.port, { requestsPerSecond: 100, connections: 100 });
    await until(() => tally.totals().refused >= 4, "some refusals");
    // 0, 250, 750 and 1750 ms; the very first may come with others that started before its refusal was known.
    expect(tally.totals().sent).toBeLessThanOrEqual(10);
    await using(shopServer(dead.port));
    await until(() => tally.totals().answered >= 200, "the full rate after the port opened");
    expect(tally.totals().lost).toBe(0);
  });

  it("notices a service that goes away and comes back", async () => {
    const shop = await shopServer();
    const { tally } = load(shop.port);
    await until(() => tally.totals().answered >= 20, "answers");
    await shop.close();
    await until(() => tally.totals().refused >= 2, "refusals");
    const back = await using(shopServer(shop.port));
    await until(() => back.requests.length >= 40, "requests at the restarted service");
  });

  it.each([
    ["resets every connection", resettingUpstream],
    ["closes every connection without an answer", () => endingUpstream("")],
    ["cuts every answer short", () => endingUpstream("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")],
  ])("counts what is lost to a service that %s, without hurrying", async (_, service) => {
    const upstream = await using(service());
    const { tally } = load(upstream.port, { requestsPerSecond: 10, connections: 10 });
    await until(() => tally.totals().lost >= 20, "two rounds of losses");
    const { sent, lost, inFlight, answered } = tally.totals();
    expect(answered).toBe(0);
    expect(sent).toBe(lost + inFlight);
    expect(upstream.requests.length).toBeLessThanOrEqual(sent);
    expect(upstream.accepted).toBeLessThanOrEqual(40);
  });

  it("understands answers again after one was cut short", async () => {
    const broken = await endingUpstream("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    const { tally } = load(broken.port, { requestsPerSecond: 5, connections: 5 });
    await until(() => tally.totals().lost >= 5, "losses");
    await broken.close();
    await using(shopServer(broken.port));
    await until(() => tally.totals().answered >= 10, "answers after the repair");
    expect(tally.totals().statuses).toEqual({ 200: tally.totals().answered });
  });

  it("aborts after its timeout what is never answered", async () => {
    const upstream = await using(stalledUpstream());
    const { tally } = load(upstream.port, { requestsPerSecond: 5, connections: 5, timeoutMs: 300 });
    await until(() => tally.totals().timeouts >= 10, "timeouts");
    expect(tally.totals().answered).toBe(0);
    expect(upstream.accepted).toBeLessThanOrEqual(tally.totals().sent);
  });
});

describe("the load as a unit", () => {
  let parts: ReturnType<typeof buildParts>;
  let unit: RunningUnit | undefined;
  beforeAll(() => {
    parts = buildParts(["lab/load/main.ts"]);
  });
  afterEach(async () => {
    await unit?.finish();
    unit = undefined;
  });
  afterAll(() => parts.remove());

  const config = (target: string) => ({
    name: "load",
    seed: 1,
    target,
    requestsPerSecond: 50,
    users: { count: 20, prefix: "user-" },
    pages: ["/", "/products"],
  });

  it("reports every second what it sent, in its users' names, until it is signalled to finish", async () => {
    const shop = await using(shopServer());
    unit = runUnitMain(parts.build, "lab/load/main.js", config(shop.url));
    const { messages } = unit;
    const reports = () => messages.filter(({ type }) => type === "load") as unknown as LoadReport[];
    await until(() => reports().length >= 4, "four reports");
    const [first, , , fourth] = reports();
    expect((fourth?.sent ?? 0) - (first?.sent ?? 0)).toBeGreaterThanOrEqual(100);
    expect((fourth?.sent ?? 0) - (first?.sent ?? 0)).toBeLessThanOrEqual(160);
    expect(fourth?.failed).toBe(0);
    expect(new Set(shop.requests.map(({ user }) => user)).size).toBe(20);
    expect(new Set(shop.requests.map(({ path }) => path))).toEqual(new Set(["/", "/products"]));
    expect(await unit.finish()).toBe(0);
  });

  it("costs next to nothing while the port refuses", async () => {
    const dead = await deadUpstream();
    unit = runUnitMain(parts.build, "lab/load/main.js", {
      ...config(`http://127.0.0.1:${dead.port}`),
      requestsPerSecond: 100,
    } as { name: string });
    const { messages } = unit;
    await until(() => messages.filter(({ type }) => type === "load").length >= 4, "four reports");
    const last = messages.at(-1) as unknown as LoadReport;
    expect(last.failed).toBeGreaterThan(0);
    expect(last.sent).toBeLessThanOrEqual(10);
  });
});

describe("lblab load", () => {
  async function run(flags: LoadFlags, { json = true, interrupted = new AbortController() } = {}) {
    const printed: string[] = [];
    const documents: unknown[] = [];
    const notes: string[] = [];
    const output: Output = {
      json,
      print: (text) => void printed.push(text),
      width: Infinity,
      printJson: (value) => void documents.push(value),
      note: (text) => void notes.push(text),
      interactive: false,
    };
    const code = await loadCommand(flags, {
      clock: systemClock,
      output,
      interrupted: interrupted.signal,
      defaultUrl: "http://127.0.0.1:1/",
    });
    return { code, printed, notes, result: documents[0] as LoadResult };
  }

  it("measures what it sent and what came back", async () => {
    const shop = await using(shopServer());
    const { code, result } = await run({ url: `${shop.url}/products?page=2`, rate: "150", duration: "2" });
    // On a machine too busy for the requested rate the exit code says so.
    expect(code).toBe(result.sent >= 0.95 * result.offered.requests ? 0 : 4);
    expect(result).toMatchObject({ refused: 0, timeouts: 0, lost: 0, unfinished: 0, interrupted: false });
    expect(result.statuses).toEqual({ 200: result.answered });
    expect(result.sent).toBe(shop.requests.length);
    expect(result.sent).toBeGreaterThanOrEqual(250);
    expect(result.sent).toBeLessThanOrEqual(301);
    expect(result.latencyMs?.p50).toBeGreaterThan(0);
    expect(shop.requests.every(({ path }) => path === "/products?page=2")).toBe(true);
  });

  it("prints answers and failures by backend", async () => {
    const shop = await using(shopServer());
    const { result } = await run({ url: shop.url, rate: "20", duration: "1" });
    expect(Object.values(result.backends).reduce((sum, { answered }) => sum + answered, 0)).toBe(
      result.answered,
    );
    expect(result.errorRatio).toBe(0);
    shop.answer = { status: 503 };
    const failing = await run({ url: shop.url, rate: "20", duration: "1" });
    expect(failing.result.errorRatio).toBe(1);
    for (const { answered, failed } of Object.values(failing.result.backends)) expect(failed).toBe(answered);
  });

  it("exits with 4 and says so when it could not send the requested rate", async () => {
    const shop = await using(shopServer());
    shop.answer = { silentAfter: 3 };
    const flags = { url: shop.url, rate: "50", connections: "1", duration: "2" };
    const { code, notes, result } = await run(flags);
    expect(code).toBe(4);
    expect(result.offered.requests).toBe(100);
    expect(notes.join("\n")).toMatch(/only \d+ of the 100 requests/);
  });

  it("prints a table for people", async () => {
    const shop = await using(shopServer());
    const { printed, notes } = await run({ url: shop.url, rate: "10", duration: "1" }, { json: false });
    expect(printed.join("")).toMatch(/p95/);
    expect(printed.join("")).toMatch(/status 200/);
    expect(notes.join("")).toMatch(/10 requests a second to http/);
  });

  it("prints what was measured so far when it is interrupted", async () => {
    const shop = await using(shopServer());
    const interrupted = new AbortController();
    const running = run({ url: shop.url, rate: "50", duration: "600" }, { interrupted });
    await until(() => shop.requests.length >= 20, "some requests");
    interrupted.abort();
    const { code, result } = await running;
    expect(code).toBe(130);
    expect(result.interrupted).toBe(true);
    expect(result.answered).toBeGreaterThan(0);
  });

  it("says that the port refused", async () => {
    const dead = await deadUpstream();
    const { code, result, notes } = await run({ url: `http://127.0.0.1:${dead.port}`, duration: "1" });
    expect(code).toBe(3);
    expect(notes.join("\n")).toContain("nothing answered");
    expect(result.errorRatio).toBe(1);
    expect(result.latencyMs).toBeNull();
    expect(result.refused).toBe(result.sent);
    expect(result.sent).toBeGreaterThan(0);
  });

  it.each([
    { url: "http://example.com/" },
    { url: "http://10.0.0.1:8080/" },
    { url: "http://169.254.169.254/" },
    { url: "http://0.0.0.0:8080/" },
    { url: "http://localhost.example.com/" },
    { url: "http://127.0.0.1@example.com/" },
    { url: "http://[2001:db8::1]/" },
    { url: "ftp://127.0.0.1/" },
    { url: "http://" },
    { rate: "0" },
    { rate: "50001" },
    { rate: "1e3" },
    { rate: "-5" },
    { connections: "1.5" },
    { duration: "601" },
    { duration: "ten" },
  ])("refuses %j and says why", async (flags) => {
    await expect(run(flags)).rejects.toMatchObject({ code: "USAGE", exitCode: 2 });
  });
});
