import { expect, test } from "vitest";
import { createCapacity, type Capacity, type CapacitySpec, type Job } from "../../backends/capacity.ts";
import type { Clock } from "../../runtime/clock.ts";
import { seeded } from "../../runtime/random.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { mean, offerLoad } from "../support/offered-load.ts";

const steady = { slots: 2, serviceMs: 10, sigma: 0, queueLimit: 3 } satisfies CapacitySpec;

function setUp(spec: CapacitySpec, seed = 1) {
  const clock = createManualClock();
  const crashes: number[] = [];
  const random = seeded(seed);
  const capacity = createCapacity(spec, { clock, random, onCrash: () => crashes.push(clock.now()) });
  return { clock, random, capacity, crashes };
}

const levelsOf = (capacity: Capacity) => ({
  inFlight: capacity.inFlight(),
  queued: capacity.queued(),
  saturation: capacity.saturation(),
  refused: capacity.refused,
  served: capacity.served,
});

/** A job that writes into `log` when it starts and ends. */
const logged = (clock: Clock, log: string[], name: string): Job => ({
  start: ({ startedAt }) => log.push(`${name} starts ${startedAt}`),
  done: () => log.push(`${name} ends ${clock.now()}`),
});

/** A clock whose every timer fires `lateMs` after its time. */
const tardy = (clock: Clock, lateMs: number): Clock => ({
  now: () => clock.now(),
  wall: () => clock.wall(),
  after: (ms, run) => clock.after(Math.max(0, ms) + lateMs, run),
});

test("jobs take the free slots, then wait in the order they came, then are refused", () => {
  const { clock, capacity } = setUp(steady);
  const log: string[] = [];
  const taken = ["a", "b", "c", "d", "e", "f"].map((name) => capacity.admit(logged(clock, log, name)));
  expect(taken).toEqual([true, true, true, true, true, false]);
  expect(levelsOf(capacity)).toMatchObject({ inFlight: 2, queued: 3, refused: 1, served: 0, saturation: 1 });
  clock.advance(30);
  expect(log).toEqual([
    "a starts 0",
    "b starts 0",
    "c starts 10",
    "a ends 10",
    "d starts 10",
    "b ends 10",
    "e starts 20",
    "c ends 20",
    "d ends 20",
    "e ends 30",
  ]);
  expect(levelsOf(capacity)).toMatchObject({ inFlight: 0, queued: 0, refused: 1, served: 5, saturation: 0 });
  expect(clock.pending).toBe(0);
});

test("without a queue a job is taken only into a free slot", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1, queueLimit: 0 });
  expect(capacity.admit({ done() {} })).toBe(true);
  expect(capacity.admit({ done() {} })).toBe(false);
  clock.advance(10);
  expect(capacity.admit({ done() {} })).toBe(true);
});

test("service times are lognormal around their mean, the same for the same seed", () => {
  const spec = { slots: 1, serviceMs: 50, queueLimit: 0 };
  const draw = (seed: number) => {
    const { clock, capacity } = setUp(spec, seed);
    const times: number[] = [];
    for (let i = 0; i < 20_000; i++) {
      capacity.admit({ start: ({ serviceMs }) => times.push(serviceMs), done() {} });
      clock.advance(2000);
    }
    return times;
  };
  const times = draw(3);
  expect(mean(times)).toBeCloseTo(50, 0);
  const logs = times.map(Math.log);
  const centre = mean(logs);
  expect(Math.sqrt(mean(logs.map((log) => (log - centre) * (log - centre))))).toBeCloseTo(0.4, 2);
  expect(draw(3)).toEqual(times);
  expect(draw(4)[0]).not.toBe(times[0]);
});

test.each([
  [0.5, 5],
  [0.8, 20],
])("at load %f one server with equal service times makes Poisson arrivals wait %f ms", (load, waitMs) => {
  const { clock, random, capacity } = setUp({ slots: 1, serviceMs: 10, sigma: 0, queueLimit: Infinity });
  const offered = offerLoad(capacity, load * 100, { clock, random: random.fork("arrivals") });
  clock.advance(1_000_000);
  // Pollaczek and Khinchine for constant service: load * service / 2 (1 - load).
  expect(Math.abs(mean(offered.waitsMs) / waitMs - 1)).toBeLessThan(0.05);
  expect(capacity.refused).toBe(0);
});

test("with no queue the refused share is Erlang's loss formula, whatever the shape of the service time", () => {
  for (const sigma of [0, 0.4]) {
    const { clock, random, capacity } = setUp({ slots: 4, serviceMs: 50, sigma, queueLimit: 0 });
    const offered = offerLoad(capacity, 80, { clock, random: random.fork("arrivals") });
    clock.advance(600_000);
    // Four erlangs on four slots: the last term of 4^k / k! over the sum of all five.
    const loss = 256 / 24 / (1 + 4 + 16 / 2 + 64 / 6 + 256 / 24);
    expect(offered.refused / offered.offered).toBeCloseTo(loss, 2);
  }
});

test("a slot stays busy past its service time until what it holds on to is released", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  const log: string[] = [];
  let release = () => {};
  capacity.admit({
    start: (service) => (release = service.hold()),
    done: () => log.push(`first ends ${clock.now()}`),
  });
  capacity.admit(logged(clock, log, "second"));
  clock.advance(25);
  expect(log).toEqual([]);
  expect(levelsOf(capacity)).toMatchObject({ inFlight: 1, queued: 1 });
  release();
  release();
  clock.advance(100);
  expect(log).toEqual(["second starts 25", "first ends 25", "second ends 35"]);
});

test("what a slot holds on to in parallel with its service time costs nothing when it is the shorter", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  const log: string[] = [];
  capacity.admit({
    start: (service) => void clock.after(4, service.hold()),
    done: () => log.push(`ends ${clock.now()}`),
  });
  clock.advance(100);
  expect(log).toEqual(["ends 10"]);
});

test("the slot is held until the last of several holds is released", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  const log: string[] = [];
  capacity.admit({
    start: (service) => [15, 40, 20].forEach((ms) => clock.after(ms, service.hold())),
    done: () => log.push(`ends ${clock.now()}`),
  });
  clock.advance(100);
  expect(log).toEqual(["ends 40"]);
});

test("a hold released at once does not end the service", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  const log: string[] = [];
  capacity.admit({ start: (service) => service.hold()(), done: () => log.push(`ends ${clock.now()}`) });
  expect(capacity.inFlight()).toBe(1);
  clock.advance(100);
  expect(log).toEqual(["ends 10"]);
});

test("a waiting client that leaves frees its place and is never served", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1, queueLimit: 1 });
  const log: string[] = [];
  const leaver = logged(clock, log, "leaver");
  capacity.admit(logged(clock, log, "first"));
  capacity.admit(leaver);
  expect(capacity.admit(logged(clock, log, "too many"))).toBe(false);
  capacity.cancel(leaver);
  expect(capacity.queued()).toBe(0);
  expect(capacity.admit(logged(clock, log, "next"))).toBe(true);
  clock.advance(100);
  expect(log).toEqual(["first starts 0", "next starts 10", "first ends 10", "next ends 20"]);
});

test("a client that leaves while being served keeps its slot busy to the end and hears nothing", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  const log: string[] = [];
  const leaver = logged(clock, log, "leaver");
  capacity.admit(leaver);
  capacity.admit(logged(clock, log, "next"));
  clock.advance(5);
  capacity.cancel(leaver);
  expect(levelsOf(capacity)).toMatchObject({ inFlight: 1, queued: 1 });
  clock.advance(100);
  expect(log).toEqual(["leaver starts 0", "next starts 10", "next ends 20"]);
  capacity.cancel(leaver);
  expect(capacity.served).toBe(2);
});

test("timers that always fire 3 ms late take no capacity away", () => {
  const clock = createManualClock();
  const spec = { slots: 4, serviceMs: 5, queueLimit: 100 };
  const capacity = createCapacity(spec, { clock: tardy(clock, 3), random: seeded(5) });
  const keepFull = { done: () => void capacity.admit({ ...keepFull }) };
  for (let i = 0; i < 50; i++) capacity.admit({ ...keepFull });
  clock.advance(10_000);
  expect(Math.abs(capacity.served / ((spec.slots / spec.serviceMs) * 10_000) - 1)).toBeLessThan(0.01);
});

test("late timers change neither who is refused nor when anybody starts", () => {
  const decide = (lateMs: number) => {
    const clock = createManualClock();
    const capacity = createCapacity(
      { slots: 3, serviceMs: 20, queueLimit: 4 },
      { clock: tardy(clock, lateMs), random: seeded(6) },
    );
    const decisions: string[] = [];
    const arrivals = seeded("arrivals");
    const started = ({ startedAt }: { startedAt: number }) => decisions.push(startedAt.toFixed(6));
    (function next() {
      if (!capacity.admit({ start: started, done() {} })) decisions.push(`refused ${clock.now().toFixed(6)}`);
      clock.after(arrivals.exponential(6), next);
    })();
    clock.advance(20_000);
    return { starts: new Set(decisions), refused: capacity.refused };
  };
  const punctual = decide(0);
  const late = decide(3);
  expect(punctual.refused).toBeGreaterThan(100);
  expect(late.refused).toBe(punctual.refused);
  expect([...late.starts].filter((start) => !punctual.starts.has(start))).toEqual([]);
});

test("a slot that was idle begins when the job comes, not when the slot became free", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  const log: string[] = [];
  capacity.admit(logged(clock, log, "first"));
  clock.advance(500);
  capacity.admit(logged(clock, log, "second"));
  clock.advance(10);
  expect(log).toEqual(["first starts 0", "first ends 10", "second starts 500", "second ends 510"]);
});

test("cold, service takes three times as long, falling evenly to once", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1, warmup: { forMs: 2000, factor: 3 } });
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    capacity.admit({ start: ({ serviceMs }) => times.push(serviceMs), done() {} });
    clock.advance(500);
  }
  expect(times).toEqual([30, 25, 20, 15, 10, 10]);
});

test("a stopped capacity drops everything, calls nobody and takes nothing", () => {
  const { clock, capacity } = setUp(steady);
  const log: string[] = [];
  for (const name of ["a", "b", "c"]) capacity.admit(logged(clock, log, name));
  capacity.stop();
  expect(clock.pending).toBe(0);
  clock.advance(100);
  expect(log).toEqual(["a starts 0", "b starts 0"]);
  expect(capacity.admit(logged(clock, log, "d"))).toBe(false);
  expect(levelsOf(capacity)).toMatchObject({ inFlight: 0, queued: 0, refused: 0 });
});

test("a job may ask for the next one from its own end", () => {
  const { clock, capacity } = setUp({ ...steady, slots: 1 });
  let ended = 0;
  const chain = (): Job => ({ done: () => void (ended++, capacity.admit(chain())) });
  capacity.admit(chain());
  clock.advance(100);
  expect(ended).toBe(10);
});
