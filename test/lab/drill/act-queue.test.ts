import { beforeEach, describe, expect, it } from "vitest";
import { createActQueue, type ActQueue, type Performed } from "../../../lab/drill/act-queue.ts";
import type { Action } from "../../../scenarios/action.ts";
import { settled } from "../../support/fake-world.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const RESTART = { do: "unit restart", unit: "web-1" } as const;
const STOP = { do: "unit stop", unit: "web-1" } as const;

let clock: ManualClock;
let actQueue: ActQueue;
/** What happened, in order. */
let log: string[];
/** Ends the action that is under way. */
let end: (performed?: Performed) => void;
let mayAct: boolean;

beforeEach(() => {
  clock = createManualClock();
  log = [];
  mayAct = true;
  actQueue = createActQueue({
    clock,
    perform: (step: Action) =>
      new Promise((resolve) => {
        log.push(`begin ${step.do}`);
        end = (performed = { result: { ok: true, message: "done" } }) => resolve(performed);
      }),
    before: () => {
      if (!mayAct) throw new Error("the drill has ended");
    },
    after: (step, _by, _performed, ms) => void log.push(`end ${step.do} after ${ms} ms`),
  });
});

describe("actions", () => {
  it("are done one at a time, in the order they came, each with its own duration", async () => {
    const both = Promise.all([actQueue.act(RESTART, "trainee"), actQueue.act(STOP, "trainee")]);
    await settled();
    expect(log).toEqual(["begin unit restart"]);
    clock.advance(700);
    end();
    await settled();
    clock.advance(50);
    end({ result: { ok: false, message: "no such unit" } });
    expect(await both).toEqual([
      { ok: true, message: "done" },
      { ok: false, message: "no such unit" },
    ]);
    expect(log).toEqual([
      "begin unit restart",
      "end unit restart after 700 ms",
      "begin unit stop",
      "end unit stop after 50 ms",
    ]);
  });

  it("are refused when their turn comes, not when they are requested, and delay no other", async () => {
    const first = actQueue.act(RESTART, "trainee");
    const second = actQueue.act(STOP, "trainee");
    await settled();
    mayAct = false;
    end();
    await expect(second).rejects.toThrow("the drill has ended");
    expect((await first).ok).toBe(true);
    mayAct = true;
    const third = actQueue.act(STOP, "trainee");
    await settled();
    end();
    expect((await third).ok).toBe(true);
  });
});

it("the queue is quiet from the end of an action on, and not during it", async () => {
  clock.advance(1000);
  const acting = actQueue.act(RESTART, "trainee");
  await settled();
  clock.advance(5000);
  expect(actQueue.quietSince()).toBe(clock.wall());
  end();
  await acting;
  const over = clock.wall();
  clock.advance(3000);
  expect(actQueue.quietSince()).toBe(over);
});

it("the queue is idle once no requested action is left", async () => {
  let idle = false;
  void actQueue.act(RESTART, "trainee");
  void actQueue.act(STOP, "trainee");
  const waiting = actQueue.idle().then(() => (idle = true));
  await settled();
  end();
  await settled();
  expect(idle).toBe(false);
  end();
  await waiting;
  expect(log.at(-1)).toContain("end unit stop");
});
