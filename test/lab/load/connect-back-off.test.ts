import { expect, it } from "vitest";
import { createConnectBackOff } from "../../../lab/load/connect-back-off.ts";
import { createManualClock } from "../../support/manual-clock.ts";

it("a port that has not refused lets every connection attempt through", () => {
  const backOff = createConnectBackOff(createManualClock());
  expect([backOff.mayTry(), backOff.mayTry(), backOff.mayTry()]).toEqual([true, true, true]);
});

it("a port that refuses gets one attempt at a time, after pauses that double up to two seconds", () => {
  const clock = createManualClock();
  const backOff = createConnectBackOff(clock);
  backOff.refused();
  const tries: number[] = [];
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (let lane = 0; lane < 100; lane++)
      if (backOff.mayTry()) {
        tries.push(clock.now());
        backOff.refused();
      }
    clock.advance(10);
  }
  expect(tries).toEqual([250, 750, 1750, 3750, 5750, 7750, 9750]);
});

it("an attempt that hangs does not block the others for ever", () => {
  const clock = createManualClock();
  const backOff = createConnectBackOff(clock);
  backOff.refused();
  clock.advance(250);
  expect([backOff.mayTry(), backOff.mayTry()]).toEqual([true, false]);
  clock.advance(250);
  expect(backOff.mayTry()).toBe(true);
});

it("a port that accepted a connection is open to all, and its pauses start anew", () => {
  const clock = createManualClock();
  const backOff = createConnectBackOff(clock);
  for (let i = 0; i < 5; i++) backOff.refused();
  backOff.accepted();
  expect([backOff.mayTry(), backOff.mayTry()]).toEqual([true, true]);
  backOff.refused();
  clock.advance(250);
  expect(backOff.mayTry()).toBe(true);
});
