import { describe, expect, it } from "vitest";
import { createPacer, SLICE_MS, type PacedSession } from "../../dashboards/console/world/pacer.ts";
import { STEP_MS } from "../../lab/world/simulated/virtual-time.ts";
import { createManualClock } from "../support/manual-clock.ts";

/** A world whose steps cost so much real time, and that is over after so many. */
function pacedWorld({ costMs = 0, lasts = Infinity } = {}) {
  const clock = createManualClock();
  const ended = new AbortController();
  const world = { steps: 0, settled: 0, turns: 0, longestRun: 0 };
  let inRow = 0;
  const session: PacedSession = {
    get steps() {
      return world.steps;
    },
    get over() {
      return world.steps >= lasts;
    },
    step: () => {
      world.steps += 1;
      world.longestRun = Math.max(world.longestRun, (inRow += 1));
      clock.stall(costMs);
      return Promise.resolve();
    },
    settle: () => {
      world.settled += 1;
      return Promise.resolve();
    },
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const pacer = createPacer(session, {
    clock,
    nextTurn: () => ((inRow = 0), turn()),
    onTurn: () => {
      world.turns += 1;
      if (world.turns >= 10_000) ended.abort();
    },
  });
  const running = pacer.run(ended.signal);
  async function settle(): Promise<void> {
    for (let turns = 0; turns < 20; turns++) await turn();
  }
  return {
    clock,
    world,
    pacer,
    /** Real time passes, each millisecond with its turn. */
    async pass(ms: number): Promise<void> {
      await settle();
      for (let passed = 0; passed < ms; passed += 10) {
        clock.advance(10);
        await settle();
      }
    },
    async end(): Promise<void> {
      ended.abort();
      await running;
    },
  };
}

const virtualMs = ({ steps }: { readonly steps: number }): number => steps * STEP_MS;

describe("a world in a worker is paced", () => {
  it.each([0.5, 1, 2, 5, 10])(
    "so many virtual seconds a second: %d, within a step and a slice",
    async (speed) => {
      const { pacer, world, pass, end } = pacedWorld();
      pacer.setSpeed(speed);
      await pass(2000);
      expect(Math.abs(virtualMs(world) - 2000 * speed)).toBeLessThanOrEqual(STEP_MS + SLICE_MS * speed);
      await end();
    },
  );

  it("stands still at first and while it is paused, with no timer and no turn", async () => {
    const { pacer, world, clock, pass, end } = pacedWorld();
    await pass(500);
    expect(world.steps).toBe(0);
    pacer.setSpeed(1);
    await pass(500);
    pacer.setSpeed(0);
    await pass(50);
    const { steps, turns } = world;
    await pass(1000);
    expect(world).toMatchObject({ steps, turns });
    expect(clock.pending).toBe(0);
    await end();
  });

  it("goes on after a pause from where it was", async () => {
    const { pacer, world, pass, end } = pacedWorld();
    pacer.setSpeed(1);
    await pass(500);
    pacer.setSpeed(0);
    await pass(60_000);
    pacer.setSpeed(1);
    await pass(500);
    expect(Math.abs(virtualMs(world) - 1000)).toBeLessThanOrEqual(2 * STEP_MS);
    await end();
  });

  it("is stepped while it stands still, and only then", async () => {
    const { pacer, world, pass, end } = pacedWorld();
    pacer.step(1000);
    await pass(50);
    expect(virtualMs(world)).toBe(1000);
    pacer.setSpeed(1);
    await pass(10);
    const { steps } = world;
    pacer.step(5000);
    await pass(10);
    expect(world.steps - steps).toBeLessThanOrEqual(1);
    await end();
  });

  it("as fast as it goes lets messages in after every slice", async () => {
    const { pacer, world, pass, end } = pacedWorld({ costMs: 5, lasts: 300 });
    pacer.setSpeed(null);
    await pass(1000);
    expect(world.steps).toBe(300);
    expect(world.longestRun).toBeLessThanOrEqual(Math.ceil(SLICE_MS / 5));
    await end();
  });

  it("does a call at once while time stands still, and takes no step for it", async () => {
    const { pacer, world, pass, end } = pacedWorld();
    await pass(10);
    const { settled } = world;
    pacer.wake();
    await pass(0);
    expect(world.settled).toBe(settled + 1);
    expect(world.steps).toBe(0);
    await end();
  });

  it("does not catch up in a burst when the machine could not keep up", async () => {
    const { pacer, world, clock, pass, end } = pacedWorld();
    pacer.setSpeed(1);
    await pass(100);
    const { steps } = world;
    clock.stall(600_000);
    await pass(20);
    expect(world.steps - steps).toBeLessThanOrEqual(3);
    await end();
  });

  it("a world that is over takes no more steps, and still does calls", async () => {
    const { pacer, world, pass, end } = pacedWorld({ lasts: 3 });
    pacer.setSpeed(null);
    await pass(50);
    const { settled } = world;
    pacer.wake();
    await pass(10);
    expect(world.steps).toBe(3);
    expect(world.settled).toBeGreaterThan(settled);
    await end();
  });
});
