import { describe, expect, it } from "vitest";
import { createRecorder } from "../../../lab/drill/recorder.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMemoryJournal } from "../../support/memory-journal.ts";

const HINTED = { event: "hinted", hint: 1 } as const;

function bench() {
  const journal = createMemoryJournal(createManualClock());
  const reported: string[] = [];
  const recorder = createRecorder({ journal, onEvent: ({ event }) => void reported.push(event) });
  return { journal, reported, recorder };
}

describe("a drill's recorder", () => {
  it("keeps an event, folds it into the state and notifies of it", () => {
    const { journal, reported, recorder } = bench();
    recorder.record({
      event: "created",
      schemaVersion: 2,
      drill: "d1",
      alias: "a",
      seed: 1,
      sealed: "",
      timeLimitMs: null,
    });
    recorder.record(HINTED);
    expect(recorder.state).toMatchObject({ drill: "d1", hints: 1 });
    expect(journal.events).toEqual(["created", "hinted"]);
    expect(reported).toEqual(["created", "hinted"]);
  });

  it("makes the drill void when an event cannot be kept: nothing is notified or counted of it", () => {
    const { journal, reported, recorder } = bench();
    journal.fail();
    expect(() => recorder.record(HINTED)).toThrow(
      expect.objectContaining({
        code: "DRILL_VOID",
        message: "the drill is void: no space left on device",
        cause: expect.objectContaining({ code: "DISK" }) as unknown,
      }),
    );
    expect(recorder.failed.aborted).toBe(true);
    expect(recorder.state.hints).toBe(0);
    expect(reported).toEqual([]);
  });

  it("makes the drill void when its journal is gone", () => {
    const { journal, recorder } = bench();
    recorder.assertKept();
    expect(recorder.failed.aborted).toBe(false);
    journal.fail();
    expect(() => recorder.assertKept()).toThrow("the drill is void");
    expect(recorder.failed.reason).toMatchObject({ code: "DRILL_VOID" });
  });

  it("drops last events where they cannot be kept", () => {
    const { journal, recorder } = bench();
    recorder.recordIfPossible(HINTED);
    journal.fail();
    recorder.recordIfPossible(HINTED);
    expect(journal.events).toEqual(["hinted"]);
  });

  it("refuses every event once it is closed, with the reason, and keeps none", () => {
    const { journal, recorder } = bench();
    recorder.close(new Error("the drill is over"));
    expect(() => recorder.record(HINTED)).toThrow("the drill is over");
    recorder.recordIfPossible(HINTED);
    expect(journal.events).toEqual([]);
    expect(recorder.failed.aborted).toBe(false);
  });
});

describe("what runs by itself", () => {
  it("voids the drill by its error, and does not run again after that", () => {
    const { recorder } = bench();
    let runs = 0;
    const tick = recorder.guarded(() => {
      if (++runs === 2) throw new Error("no such file");
    });
    tick();
    expect(recorder.failed.aborted).toBe(false);
    tick();
    tick();
    expect(runs).toBe(2);
    expect(recorder.failed.reason).toMatchObject({ message: "no such file" });
  });
});
