import { beforeEach, describe, expect, it } from "vitest";
import { createEventBus, type LabBus } from "../../../lab/events/bus.ts";
import { EVENT_TYPES, type EventType, type LabEvent } from "../../../lab/events/event.ts";
import type { StatusView } from "../../../lab/trainee/views.ts";
import { seeded } from "../../../runtime/random.ts";
import { balanced } from "../../support/access-record.ts";
import { createFakeWorld, pass, settled, type FakeWorld } from "../../support/fake-world.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const CHANGE = {
  id: "chg-1001",
  at: "2026-01-01T00:00:00.000Z",
  kind: "config",
  by: "ops",
  summary: "a push",
  subjects: ["balancer"],
  detail: "",
} as const;
const UNIT = { unit: "web-1", from: "active", to: "failed", reason: "exit 1", at: 1 } as const;

let clock: ManualClock;
let world: FakeWorld;
let gathered: number;
let gather: () => Promise<StatusView | undefined>;
let bus: LabBus;
beforeEach(async () => {
  clock = createManualClock();
  world = createFakeWorld(clock);
  gathered = 0;
  gather = async () => ({ listener: `state ${++gathered}` }) as StatusView;
  bus = createEventBus({ clock, random: seeded(1), gather: () => gather() });
  bus.watch(world);
  await world.start({} as never, {} as never);
});

function listen(...types: readonly EventType[]) {
  const events: LabEvent[] = [];
  const cancel = bus.subscribe(new Set(types), (event) => void events.push(event));
  return { events, cancel, types: () => events.map(({ type }) => type) };
}

describe("what becomes an event", () => {
  it("is a unit's step, a change and an alert's step, as they happen", async () => {
    const { events } = listen("unit", "change", "alert");
    world.emitUnit(UNIT);
    world.emitChange(CHANGE);
    world.mood = () => ({ result: "status", status: 503 });
    await pass(clock, 4000);
    expect(events.slice(0, 2)).toEqual([
      { type: "unit", unit: UNIT },
      { type: "change", change: CHANGE },
    ]);
    expect(events.slice(2)).toMatchObject([
      { type: "alert", alert: { from: "inactive", to: "pending" } },
      { type: "alert", alert: { from: "pending", to: "firing" } },
    ]);
  });

  it("is a line of the journal of the drill that has begun", () => {
    const { events } = listen("journal");
    const line = { seq: 1, at: "", event: "changed" } as const;
    bus.appended(line);
    expect(events).toEqual([]);
    bus.begin({ drill: "d1", lines: [line] });
    bus.appended(line);
    expect(events).toEqual([{ type: "journal", drill: "d1", line }]);
    expect(bus.journal).toEqual({ drill: "d1", lines: [line] });
  });

  it("is the lab at a glance, at once and then four times a second", async () => {
    const { events } = listen("state");
    await settled();
    expect(events).toEqual([{ type: "state", state: { listener: "state 1" } }]);
    await pass(clock, 1000);
    expect(events).toHaveLength(5);
  });

  it("is the traffic of each quarter of a second: all of it, and once", async () => {
    const { events } = listen("traffic");
    world.emitRequests({ records: [balanced(), balanced()], missed: true });
    await pass(clock, 1000);
    const traffic = events.flatMap((event) => (event.type === "traffic" ? [event.traffic] : []));
    expect(traffic).toHaveLength(4);
    expect(traffic.map(({ from, to }) => to - from)).toEqual([250, 250, 250, 250]);
    expect(traffic.map(({ missed }) => missed)).toEqual([true, false, false, false]);
    const counted = (from: string) =>
      traffic
        .flatMap(({ counts }) => counts.filter(({ edge }) => edge.from === from))
        .reduce((sum, { count }) => sum + count, 0);
    expect([counted("listener"), counted("pool")]).toEqual([2, 2]);
    // 25 in each report; that of the last moment comes with the next event.
    expect([75, 100]).toContain(counted("users"));
  });
});

describe("gathering", () => {
  it("does not happen without subscribers, and begins and ends with them", async () => {
    expect(world.listening).toBe(0);
    const timers = clock.pending;
    const { cancel } = listen(...EVENT_TYPES);
    expect(world.listening).toBe(4);
    await pass(clock, 1000);
    expect(gathered).toBe(5);
    cancel();
    await pass(clock, 1000);
    expect([gathered, world.listening, clock.pending]).toEqual([5, 0, timers]);
  });

  it("is only of the types that are subscribed to", async () => {
    listen("journal", "alert");
    await pass(clock, 1000);
    expect([gathered, world.listening]).toEqual([0, 0]);
  });

  it("costs as much for many subscribers as for one, and all get the same event", async () => {
    const readers = Array.from({ length: 20 }, () => listen("state", "traffic"));
    await pass(clock, 1000);
    expect(gathered).toBe(5);
    const [first] = readers;
    for (const { events } of readers) {
      expect(events).toHaveLength(9);
      events.forEach((event, i) => expect(event).toBe(first?.events[i]));
    }
  });

  it("goes on for subscribers that stay when others leave", async () => {
    const leaving = listen("state");
    const staying = listen("state");
    leaving.cancel();
    await pass(clock, 1000);
    expect([leaving.events.length, staying.events.length]).toEqual([0, 5]);
  });

  it("leaves out what cannot be gathered now, and waits for what takes long", async () => {
    const { events } = listen("state");
    await settled();
    gather = () => Promise.reject(new Error("no balancer"));
    await pass(clock, 500);
    let finish = (): void => {};
    gather = () => new Promise((resolve) => (finish = () => resolve({ listener: "late" } as StatusView)));
    await pass(clock, 1000);
    expect(events).toHaveLength(1);
    finish();
    gather = async () => undefined;
    await pass(clock, 500);
    expect(events).toEqual([
      { type: "state", state: { listener: "state 1" } },
      { type: "state", state: { listener: "late" } },
    ]);
  });

  it("is of the world that the lab has now", async () => {
    const { events } = listen("unit", "traffic");
    const next = createFakeWorld(clock);
    bus.watch(next);
    expect([world.listening, next.listening]).toEqual([0, 3]);
    world.emitUnit(UNIT);
    expect(events).toEqual([]);
    next.emitUnit(UNIT);
    expect(events).toEqual([{ type: "unit", unit: UNIT }]);
  });

  it("ends when the bus is closed", async () => {
    const { events } = listen(...EVENT_TYPES);
    bus.close();
    await pass(clock, 1000);
    world.emitUnit(UNIT);
    expect([events, world.listening]).toEqual([[], 0]);
  });

  it("waits for a world: a subscriber that comes before it gets its events when it is there", () => {
    bus = createEventBus({ clock, random: seeded(1), gather });
    const { events } = listen("unit");
    bus.watch(world);
    world.emitUnit(UNIT);
    expect(events).toHaveLength(1);
  });
});

it("a subscriber that leaves while others are notified gets nothing any more", () => {
  const second = { cancel: (): void => {}, got: 0 };
  bus.subscribe(new Set(["unit"]), () => second.cancel());
  second.cancel = bus.subscribe(new Set(["unit"]), () => void second.got++);
  world.emitUnit(UNIT);
  expect(second.got).toBe(0);
});
