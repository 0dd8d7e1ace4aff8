import { describe, expect, it } from "vitest";
import { probeConfig } from "../../../lab/probe/config.ts";
import { createLedger } from "../../../lab/probe/ledger.ts";
import { startPopulation } from "../../../lab/probe/population.ts";
import { NOBODY, type ProbeRecord } from "../../../lab/probe/record.ts";
import { seeded } from "../../../runtime/random.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { answer, createModelledService } from "../../support/modelled-service.ts";

const LOGIN = { retryEveryMs: 8000, retryJitter: 0.5, patienceMs: 8000, rampMs: 4000 };

function lab(changes: Record<string, unknown> = {}) {
  const clock = createManualClock();
  const service = createModelledService(clock);
  const ledger = createLedger();
  const config = probeConfig.parse({
    name: "probe",
    seed: 5,
    target: "http://127.0.0.1:8080",
    users: { count: 20, prefix: "user-" },
    visitEveryMs: 5000,
    timeoutMs: 2000,
    pages: ["/", "/products"],
    ...changes,
  });
  const records: ProbeRecord[] = [];
  const stop = startPopulation(config, { clock, random: seeded(config.seed), send: service.send, ledger });
  const advance = (ms: number) => {
    clock.advance(ms);
    const taken = ledger.take();
    records.push(...taken.records);
    return taken;
  };
  const of = (route: ProbeRecord["route"]) => records.filter((record) => record.route === route);
  const hits = (path: string) => service.requests.filter((request) => request.path === path);
  return { clock, service, ledger, records, stop, advance, of, hits };
}

describe("users without sessions", () => {
  it("visit all the pages under their own names, each time with another nonce", () => {
    const { service, advance, records } = lab();
    advance(60_000);
    expect(new Set(service.requests.map(({ path }) => path))).toEqual(new Set(["/", "/products"]));
    expect(new Set(service.requests.map(({ cookie }) => cookie)).size).toBe(20);
    expect(service.requests[0]?.cookie).toMatch(/^user=user-\d+$/);
    expect(new Set(service.requests.map(({ nonce }) => nonce)).size).toBe(service.requests.length);
    expect(records.every(({ route, result }) => route === "page" && result === "ok")).toBe(true);
  });

  it("visit a catalogue's pages where there is one", () => {
    const { service, advance } = lab({ catalogue: { prefix: "/products/", count: 3 } });
    advance(60_000);
    expect(new Set(service.requests.map(({ path }) => path))).toEqual(
      new Set(["/products/0", "/products/1", "/products/2"]),
    );
  });

  it("come when they would have come anyway, though nothing is answered", () => {
    const well = lab();
    const ill = lab();
    ill.service.instead = () => "never";
    well.advance(60_000);
    ill.advance(60_000);
    const seen = ({ service }: typeof well) => service.requests.map(({ path, cookie }) => [path, cookie]);
    expect(seen(ill)).toEqual(seen(well));
  });

  it("give up after their timeout, and only then", () => {
    const { service, advance, records } = lab({ users: { count: 1, prefix: "u" } });
    service.latencyMs = 1999;
    advance(30_000);
    expect(records.length).toBeGreaterThan(3);
    expect(records.every(({ result }) => result === "ok")).toBe(true);
    service.latencyMs = 2001;
    advance(8000);
    const before = records.length;
    advance(30_000);
    const late = records.slice(before);
    expect(late.length).toBeGreaterThan(3);
    expect(late.every(({ result, durationMs }) => result === "timeout" && durationMs === 2000)).toBe(true);
  });

  it("are reported open until their answer has come, oldest first", () => {
    const { service, advance } = lab();
    service.latencyMs = 1500;
    const { openSince, records } = advance(10_000);
    expect(openSince.length).toBeGreaterThan(0);
    expect(openSince).toEqual([...openSince].sort((a, b) => a - b));
    expect(openSince.length + records.length).toBe(service.requests.length);
  });

  it("leave nothing behind when they are stopped", () => {
    const { service, advance, stop, clock, records } = lab();
    service.latencyMs = 1500;
    advance(10_000);
    const before = records.length;
    stop();
    expect(clock.pending).toBe(0);
    advance(10_000);
    expect(records.length).toBe(before);
  });
});

describe("users with sessions", () => {
  it("log in one after the other over the ramp, each once", () => {
    const { advance, hits, of } = lab({ login: LOGIN });
    for (let quarter = 1; quarter <= 4; quarter++) {
      advance(1000);
      expect(hits("/login").length).toBe(5 * quarter);
    }
    advance(60_000);
    expect(hits("/login").length).toBe(20);
    expect(of("login").map(({ result }) => result)).toEqual(Array.from({ length: 20 }, () => "ok"));
  });

  it("visit pages before their login and the account on every second visit after it", () => {
    const { advance, of, service } = lab({ login: LOGIN });
    service.instead = ({ path }) => (path === "/login" ? answer(503, {}, "UO") : undefined);
    advance(30_000);
    expect(of("page").length).toBeGreaterThan(100);
    expect(of("account")).toEqual([]);
    service.instead = () => undefined;
    advance(30_000);
    const pages = of("page").length;
    const accounts = of("account").length;
    advance(100_000);
    expect((of("account").length - accounts) / (of("page").length - pages)).toBeCloseTo(1, 1);
    expect(of("account").every(({ result, status }) => result === "ok" && status === 200)).toBe(true);
  });

  it("log in again at once when the service has lost their session", () => {
    const { advance, of, service, hits } = lab({ login: LOGIN });
    advance(20_000);
    const forgotten = new Map(service.sessions);
    service.sessions.clear();
    advance(15_000);
    expect(forgotten.size).toBe(20);
    expect(hits("/login").length).toBe(40);
    expect(service.sessions.size).toBe(20);
    const over = of("account").filter(({ status }) => status === 401);
    expect(over.length).toBe(20);
    expect(over.every(({ result }) => result === "ok")).toBe(true);
  });

  it("log in once for one lost session, though several answers show it", () => {
    const { advance, of, service, hits } = lab({ login: LOGIN, visitEveryMs: 500 });
    service.latencyMs = 1900;
    advance(20_000);
    expect(hits("/login").length).toBe(20);
    service.sessions.clear();
    advance(15_000);
    expect(of("account").filter(({ status }) => status === 401).length).toBeGreaterThan(25);
    expect(hits("/login").length).toBe(40);
  });

  it("keep their session when the account merely fails", () => {
    const { advance, of, service, hits } = lab({ login: LOGIN });
    advance(20_000);
    service.instead = ({ path }) => (path === "/account" ? answer(503, {}, "UO") : undefined);
    advance(30_000);
    expect(of("account").some(({ result, flag }) => result === "status" && flag === "UO")).toBe(true);
    expect(hits("/login").length).toBe(20);
  });

  it("try again and again until a login works", () => {
    const { advance, of, service, clock } = lab({ login: LOGIN });
    service.instead = ({ path }) => (path === "/login" ? answer(503, {}, "UO") : undefined);
    advance(124_000);
    const failed = of("login");
    // One attempt in 8 s each, on average.
    expect(failed.length / 20).toBeGreaterThan(13);
    expect(failed.length / 20).toBeLessThan(18);
    for (let user = 0; user < 20; user++) {
      const tries = failed.filter((record) => record.user === user).map(({ sentAt }) => sentAt);
      for (let i = 1; i < tries.length; i++) {
        const pause = (tries[i] ?? 0) - (tries[i - 1] ?? 0);
        expect(pause).toBeGreaterThanOrEqual(4000 - 1);
        expect(pause).toBeLessThanOrEqual(12_000 + 1);
      }
    }
    service.instead = () => undefined;
    const repaired = clock.wall();
    advance(60_000);
    const after = of("login").filter(({ sentAt }) => sentAt >= repaired);
    expect(after.length).toBe(20);
    expect(after.every(({ result }) => result === "ok")).toBe(true);
  });

  it("try less and less often when they back off, and as soon as ever after a login that worked", () => {
    const backOff = { factor: 2, atMostMs: 60_000 };
    const { advance, of, service } = lab({
      login: { ...LOGIN, retryJitter: 0, backOff },
      users: { count: 1, prefix: "user-" },
    });
    const refuse = ({ path }: { path: string }) => (path === "/login" ? answer(503, {}, "UO") : undefined);
    service.instead = refuse;
    advance(250_000);
    const pauses = () => {
      const at = of("login").map(({ sentAt }) => sentAt);
      return at.slice(1).map((sentAt, i) => Math.round((sentAt - (at[i] ?? 0)) / 1000));
    };
    // The first failure already doubles what the pause before it was.
    expect(pauses()).toEqual([8, 16, 32, 60, 60, 60]);
    service.instead = () => undefined;
    advance(60_000);
    expect(of("login").at(-1)?.result).toBe("ok");
    service.sessions.clear();
    service.instead = refuse;
    const before = of("login").length;
    advance(70_000);
    expect(pauses().slice(before)).toEqual([8, 16, 32]);
  });

  it("never have two logins under way at once, however long one takes", () => {
    const { advance, of, service } = lab({ login: { ...LOGIN, retryEveryMs: 1000 } });
    service.instead = ({ path }) => (path === "/login" ? "never" : undefined);
    advance(100_000);
    expect(of("login").every(({ result, durationMs }) => result === "timeout" && durationMs === 8000)).toBe(
      true,
    );
    const first = of("login").filter(({ user }) => user === 0);
    expect(first.length).toBe(12);
  });

  it.each([
    ["says 401", () => answer(401, {}), true],
    ["fails", () => answer(503, {}, "UH"), true],
  ])("hold a login for wrong when its reading back %s", (_, instead) => {
    const { advance, of, service } = lab({ login: LOGIN, users: { count: 1, prefix: "user-" } });
    service.instead = ({ path }) => (path === "/account" ? instead() : undefined);
    advance(7000);
    expect(of("login").map(({ result }) => result)).toEqual(["wrong"]);
  });

  it("retry a login whose session the service denies, and keep one that was merely not readable", () => {
    const denied = lab({ login: LOGIN });
    denied.service.instead = ({ path, nonce }) =>
      path === "/account" ? answer(401, { backend: "web-1", nonce }) : undefined;
    denied.advance(30_000);
    expect(denied.of("login").length).toBeGreaterThan(40);
    expect(denied.of("login").every(({ result, status }) => result === "wrong" && status === 401)).toBe(true);
    const unread = lab({ login: LOGIN });
    unread.service.instead = ({ path }) => (path === "/account" ? answer(503, {}, "UH") : undefined);
    unread.advance(30_000);
    expect(unread.of("login").length).toBe(20);
    expect(unread.of("login").every(({ flag }) => flag === "UH")).toBe(true);
  });

  it("come to the same pages at the same times whatever becomes of their logins", () => {
    const well = lab({ login: LOGIN });
    const ill = lab({ login: LOGIN });
    ill.service.instead = ({ path }) => (path === "/login" ? answer(503, {}) : undefined);
    well.advance(60_000);
    ill.advance(60_000);
    const visits = ({ of }: typeof well) =>
      [...of("page"), ...of("account")].map(({ sentAt, user }) => `${sentAt} ${user}`).sort();
    expect(visits(ill)).toEqual(visits(well));
  });
});

describe("the dependent API", () => {
  it("is called at its rate, without a user's name", () => {
    const { advance, of, service } = lab({ api: { target: "http://127.0.0.1:9200", perSecond: 4 } });
    advance(30_000);
    expect(of("api").length).toBe(119);
    expect(of("api").every(({ user, result }) => user === NOBODY && result === "ok")).toBe(true);
    const calls = service.requests.filter(({ to }) => to === "api");
    expect(calls.every(({ path, cookie }) => path === "/orders" && cookie === undefined)).toBe(true);
  });
});

describe("the configuration", () => {
  it("refuses what it does not know", () => {
    expect(() => lab({ colour: "blue" })).toThrow();
    expect(() => lab({ visitEveryMs: 4_000_000 })).toThrow();
    expect(() => lab({ login: { ...LOGIN, backOff: { factor: 0.5, atMostMs: 1000 } } })).toThrow();
    expect(() => lab({ target: "ftp://127.0.0.1" })).toThrow();
  });
});
