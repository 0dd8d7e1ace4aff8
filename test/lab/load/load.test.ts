import { seeded } from "../../../runtime/random.ts";
import { describe, expect, it } from "vitest";
import type { ConnectionEvents, OpenConnection } from "../../../lab/load/connection.ts";
import { startLoad } from "../../../lab/load/load.ts";
import { createTally } from "../../../lab/load/tally.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

type Behaviour = "answer" | "answer and close" | "refuse" | "cut" | "hang";

/** Stands in for autocannon: so many requests at the start of each second since a connection was opened. */
function modelled(clock: ManualClock) {
  const world = {
    behaviour: "answer" as Behaviour,
    latencyMs: 5,
    sentAt: [] as number[],
    opened: 0,
    closed: 0,
  };
  const open: OpenConnection = ({ requestsPerSecond, sentAlready }, events: ConnectionEvents) => {
    world.opened += 1;
    let over = false;
    let finishing = false;
    let waiting = false;
    let sent = sentAlready;
    let cancelTick = clock.after(1000, tick);
    const end = (how: "refused" | "closed") => {
      if (over) return;
      close();
      events.ended(how);
    };
    function close() {
      over = true;
      cancelTick();
      world.closed += 1;
    }
    function tick() {
      cancelTick = clock.after(1000, tick);
      sent = 0;
      if (!waiting) send();
    }
    function send() {
      if (over || sent >= requestsPerSecond) return;
      sent += 1;
      waiting = true;
      world.sentAt.push(clock.now());
      events.sent();
      const { behaviour } = world;
      if (behaviour === "refuse") clock.after(0, () => end("refused"));
      else clock.after(0, () => over || events.connected());
      if (behaviour === "cut") clock.after(world.latencyMs, () => end("closed"));
      if (behaviour === "answer" || behaviour === "answer and close")
        clock.after(world.latencyMs, () => {
          if (over) return;
          waiting = false;
          events.answered(200, world.latencyMs);
          if (finishing || behaviour === "answer and close") end("closed");
          else send();
        });
    }
    send();
    return {
      finish() {
        if (!waiting) return end("closed");
        finishing = true;
      },
      close,
    };
  };
  return { world, open };
}

function lab(requestsPerSecond: number, connections: number, placeOf?: (connection: number) => number) {
  const clock = createManualClock();
  const tally = createTally();
  const { world, open } = modelled(clock);
  const load = startLoad(
    {
      url: "http://127.0.0.1:1",
      requestsPerSecond,
      connections,
      timeoutMs: 3000,
      ...(placeOf ? { placeOf } : {}),
      next: () => ({ path: "/", headers: {} }),
    },
    { clock, open, tally },
  );
  return { clock, tally, world, load };
}

describe("the load", () => {
  it("comes evenly, one request at a time, for minutes and through renewals", () => {
    const { clock, world } = lab(100, 100);
    clock.advance(120_000 - 1);
    expect(world.sentAt.length).toBe(12_000);
    expect(world.opened).toBeGreaterThan(300);
    for (let i = 1; i < world.sentAt.length; i++)
      expect((world.sentAt[i] ?? 0) - (world.sentAt[i - 1] ?? 0)).toBeCloseTo(10, 3);
  });

  it("comes as people do when its places are left to chance: as many a second, in bunches and gaps", () => {
    const places = seeded(3);
    const { clock, world } = lab(100, 100, () => places.next());
    clock.advance(61_000 - 1);
    const seconds = Array.from(
      { length: 60 },
      (_, second) => world.sentAt.filter((at) => at >= 1000 * second && at < 1000 * (second + 1)).length,
    );
    expect(new Set(seconds)).toEqual(new Set([100]));
    const gaps = world.sentAt.slice(1).map((at, i) => at - (world.sentAt[i] ?? 0));
    // Exponential gaps: about 63 % are shorter than the mean of 10 ms.
    const short = gaps.filter((gap) => gap < 10).length / gaps.length;
    expect(short).toBeGreaterThan(0.5);
    expect(short).toBeLessThan(0.75);
  });

  it.each([
    [7, 3],
    [1000, 10],
    [1, 1],
    [250, 100],
  ])("keeps to %i requests a second over %i connections", (rate, connections) => {
    const { clock, world, tally } = lab(rate, connections);
    world.latencyMs = 1;
    clock.advance(60_000 - 1);
    expect(world.sentAt.length).toBe(rate * 60);
    const { sent, answered, inFlight, failed } = tally.totals();
    expect({ sent, failed }).toEqual({ sent: rate * 60, failed: 0 });
    expect(answered + inFlight).toBe(sent);
  });

  it("is the same when answers take most of a second", () => {
    const { clock, world } = lab(20, 20);
    world.latencyMs = 900;
    clock.advance(60_000 - 1);
    expect(world.sentAt.length).toBe(1200);
  });

  it("is the same when every answer closes its connection", () => {
    const { clock, world, tally } = lab(60, 20);
    world.behaviour = "answer and close";
    clock.advance(30_000 - 1);
    expect(world.sentAt.length).toBe(1800);
    expect(tally.totals().lost).toBe(0);
  });

  it("hardly tries a port that refuses, and is whole again a second after it is accepted", () => {
    const { clock, world, tally } = lab(100, 100);
    clock.advance(5000);
    world.behaviour = "refuse";
    // What was open stays open until it is used.
    clock.advance(2000);
    const before = world.sentAt.length;
    clock.advance(60_000);
    expect(world.sentAt.length - before).toBeLessThanOrEqual(31);
    expect(tally.totals().refused).toBeGreaterThan(100);
    world.behaviour = "answer";
    clock.advance(3500);
    const repaired = world.sentAt.length;
    clock.advance(10_000);
    expect(world.sentAt.length - repaired).toBe(1000);
  });

  it("goes on at its rate against a service that cuts every answer, and counts the losses", () => {
    const { clock, world, tally } = lab(50, 50);
    world.behaviour = "cut";
    clock.advance(20_000 - 1);
    expect(world.sentAt.length).toBe(1000);
    expect(tally.totals().lost).toBe(1000);
  });

  it("gives up what hangs after its timeout, and comes back at its own place in the second", () => {
    const { clock, world, tally } = lab(10, 10);
    world.behaviour = "hang";
    clock.advance(10_000);
    const { sent, timeouts, inFlight } = tally.totals();
    expect(timeouts + inFlight).toBe(sent);
    expect(timeouts).toBeGreaterThanOrEqual(20);
    world.behaviour = "answer";
    clock.advance(5000);
    const before = world.sentAt.length;
    clock.advance(10_000);
    expect(world.sentAt.length - before).toBe(100);
    for (const at of world.sentAt.slice(before)) expect(Math.round(at) % 100).toBe(0);
  });

  it("sends nothing more once it finishes, and waits for what is under way", () => {
    const { clock, world, load, tally } = lab(10, 10);
    world.latencyMs = 500;
    clock.advance(5250);
    load.finish();
    expect(tally.totals().inFlight).toBe(5);
    clock.advance(5000);
    const { sent, answered, inFlight } = tally.totals();
    expect(inFlight).toBe(0);
    expect(answered).toBe(sent);
    expect(world.opened).toBe(world.closed);
  });

  it("leaves no timer and no connection behind when it is stopped", () => {
    const { clock, world, load } = lab(10, 10);
    world.behaviour = "hang";
    clock.advance(5250);
    load.stop();
    expect(world.opened).toBe(world.closed);
    const { sentAt } = world;
    const before = sentAt.length;
    clock.advance(10_000);
    expect(sentAt.length).toBe(before);
    expect(clock.pending).toBe(0);
  });
});
