import { describe, expect, it } from "vitest";
import { createBench, poolOf, type Bench } from "../../support/balancer-bench.ts";

const health = { path: "/healthz", intervalMs: 1000, timeoutMs: 500, fall: 1, rise: 1 };
const outlier = { consecutive5xx: 1, ejectionSeconds: 30, maxEjectedPercent: 50 };
const sticky = { cookie: "lb" };
const settings = { sticky, outlier, retry: { attempts: 0 } };
const ofU1 = { headers: ["Cookie", "lb=u1"] };

/** Ways in which u1 can be no longer there for its clients, and back. */
const absences: Record<
  string,
  { readonly more?: object; leave(bench: Bench): void; back(bench: Bench): void }
> = {
  "is drained": {
    leave: ({ balancer }) => balancer.setState("u1", "drain"),
    back: ({ balancer }) => balancer.setState("u1", "ready"),
  },
  "is in maintenance": {
    leave: ({ balancer }) => balancer.setState("u1", "maintenance"),
    back: ({ balancer }) => balancer.setState("u1", "ready"),
  },
  "has a weight of 0": {
    leave: ({ balancer }) => balancer.setWeight("u1", 0),
    back: ({ balancer }) => balancer.setWeight("u1", 1),
  },
  "is DOWN": {
    more: { health },
    leave: (bench) => answerCheck(bench, 500),
    back: (bench) => answerCheck(bench, 200),
  },
  "is ejected": {
    leave(bench) {
      bench.request(ofU1);
      bench.transport.last.answer(500);
    },
    back: ({ clock }) => clock.advance(30_000),
  },
  "has left the configuration": {
    leave: (bench) =>
      bench.apply({ web: { ...poolOf(2, settings), upstreams: poolOf(2).upstreams.slice(1) } }),
    back: (bench) => bench.apply({ web: poolOf(2, settings) }),
  },
};

/** Answers u1's next check with this status, and u2's with 200. */
function answerCheck({ clock, transport }: Bench, status: number) {
  for (const port of [2, 1]) {
    const pending = () => transport.checks.findLast((check) => check.port === port && !check.cancelled);
    const before = pending();
    for (let waited = 0; pending() === before && waited < 2000; waited += 50) clock.advance(50);
    pending()?.done(port === 1 ? status : 200);
  }
}

describe.each(Object.entries(absences))("a client whose upstream %s", (_how, { more, leave, back }) => {
  it("is served by another, and gets a cookie that keeps it there, also when its own comes back", () => {
    const bench = createBench({ web: poolOf(2, { ...settings, ...more }) });
    leave(bench);
    const moved = bench.request(ofU1);
    expect(bench.transport.last.port).toBe(2);
    bench.transport.last.answer(200);
    expect(moved.answerHeaders.join()).toContain("lb=u2;");

    back(bench);
    const stays = bench.request({ headers: ["Cookie", "lb=u2"] });
    expect(bench.transport.last.port).toBe(2);
    bench.transport.last.answer(200);
    expect(stays.answerHeaders.join()).toContain("lb=u2;");
  });

  it("finds its own again if it was not here in the meantime", () => {
    const bench = createBench({ web: poolOf(2, { ...settings, ...more }) });
    leave(bench);
    back(bench);
    bench.request(ofU1);
    expect(bench.transport.last.port).toBe(1);
  });

  it("ends where it is what it has there already", () => {
    const bench = createBench({ web: poolOf(2, { ...settings, ...more }) });
    const running = bench.request(ofU1);
    const attempt = bench.transport.last;
    leave(bench);
    attempt.answer(200);
    expect(running).toMatchObject({ status: 200, outcome: "relayed" });
    expect(running.answerHeaders.join()).toContain("lb=u1;");
  });
});

describe("a client whose upstream is DOWN in a panic", () => {
  it("stays with it, since everybody gets requests then", () => {
    const bench = createBench({
      web: poolOf(2, { ...settings, allDown: "all", outlier: { ...outlier, maxEjectedPercent: 100 } }),
    });
    for (const upstream of ["u1", "u2"]) {
      bench.request({ headers: ["Cookie", `lb=${upstream}`] });
      bench.transport.last.answer(500);
    }
    expect(bench.balancer.pools()[0]?.panic).toBe(true);
    bench.request(ofU1);
    expect(bench.transport.last.port).toBe(1);
  });
});
