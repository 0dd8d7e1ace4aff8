import { beforeEach, expect, it } from "vitest";
import { createChangeLog, type ChangeLog } from "../../../../lb/config/rollout/change-log.ts";
import { createFreezes, type Freezes } from "../../../../lb/config/rollout/freezes.ts";
import { declareMetrics } from "../../../../lb/telemetry/metrics.ts";
import { silentLog } from "../../../../runtime/log.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";

const HOUR = 3_600_000;

let clock: ManualClock;
let changes: ChangeLog;
let metrics: ReturnType<typeof declareMetrics>["rollout"];
let freezes: Freezes;
let isFull: boolean;
let lost: number;

beforeEach(() => {
  clock = createManualClock();
  let text = "";
  [isFull, lost] = [false, 0];
  const append = (line: string): void => {
    if (isFull) throw new Error("no space left");
    text += `${line}\n`;
  };
  const log = { read: () => text, append };
  changes = createChangeLog(log, { clock, log: silentLog, onLost: () => (lost += 1) });
  metrics = declareMetrics().rollout;
  freezes = createFreezes({ clock, log: silentLog, changes, metrics });
});

const frozen = () => metrics.frozen.of().value;
const lines = () => changes.inspect().lines;

it("holds until somebody thaws it, and is in the metrics", () => {
  expect([freezes.now, frozen()]).toEqual([undefined, 0]);
  expect(freezes.freeze("ann", "the sale")).toMatchObject({
    by: "ann",
    reason: "the sale",
    until: undefined,
  });
  clock.advance(100 * HOUR);
  expect([freezes.now?.by, frozen()]).toEqual(["ann", 1]);
  freezes.thaw("bob", "it is over");
  expect([freezes.now, frozen()]).toEqual([undefined, 0]);
  expect(lines()).toMatchObject([
    { event: "frozen", by: "ann" },
    { event: "thawed", by: "bob", reason: "it is over" },
  ]);
  expect(() => freezes.thaw("bob", "again")).toThrow("changes are not frozen");
});

it("ends at its time to the millisecond, however far that is, and writes it down once", () => {
  freezes.freeze("ann", "the sale", clock.wall() + 2.5 * HOUR);
  clock.advance(2.5 * HOUR - 1);
  expect([freezes.now?.by, frozen(), lines().length]).toEqual(["ann", 1, 1]);
  clock.advance(1);
  expect([freezes.now, frozen()]).toEqual([undefined, 0]);
  clock.advance(10 * HOUR);
  expect(lines().map(({ event }) => event)).toEqual(["frozen", "thawed"]);
});

it("is replaced by another one, whose end counts", () => {
  freezes.freeze("ann", "the sale", clock.wall() + HOUR);
  freezes.freeze("bob", "longer", clock.wall() + 2 * HOUR);
  clock.advance(HOUR);
  expect([freezes.now?.by, frozen()]).toEqual(["bob", 1]);
});

it("is refused for a time that is over", () => {
  expect(() => freezes.freeze("ann", "late", clock.wall())).toThrow("is over already");
  expect([lines(), frozen()]).toEqual([[], 0]);
});

it("holds in another process", () => {
  freezes.freeze("ann", "the sale");
  freezes.stop();
  metrics.frozen.of().value = 0;
  createFreezes({ clock, log: silentLog, changes, metrics });
  expect(frozen()).toBe(1);
});

it("is over at its end, also where that cannot be written down", () => {
  freezes.freeze("ann", "the sale", clock.wall() + HOUR);
  isFull = true;
  clock.advance(HOUR);
  expect([freezes.now, frozen(), lost]).toEqual([undefined, 0, 1]);
});

it("is none, and thaws nothing, when it cannot be written down", () => {
  isFull = true;
  expect(() => freezes.freeze("ann", "the sale")).toThrow("cannot be kept");
  expect([freezes.now, frozen()]).toEqual([undefined, 0]);
});

it("has no timer left after its stop", () => {
  freezes.freeze("ann", "the sale", clock.wall() + HOUR);
  freezes.stop();
  clock.advance(HOUR);
  expect(lines().map(({ event }) => event)).toEqual(["frozen"]);
});
