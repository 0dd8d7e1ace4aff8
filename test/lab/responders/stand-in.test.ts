import { describe, expect, it } from "vitest";
import type { DrillState } from "../../../lab/drill/state.ts";
import type { Responder, ResponderOptions } from "../../../lab/responders/responder.ts";
import { standIn } from "../../../lab/responders/stand-in.ts";
import type { PaceName } from "../../../scenarios/scenario.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";
import { fakeTrainee } from "../../support/fake-trainee.ts";
import { pass } from "../../support/fake-world.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function duty(responder: Responder, given: { fault?: boolean; pace?: PaceName } = {}) {
  const clock = createManualClock();
  const stop = new AbortController();
  const state: { phase: DrillState["phase"]; wellSince: number | null } = {
    phase: "briefing",
    wellSince: null,
  };
  const ends: unknown[] = [];
  const lines: string[] = [];
  const done = standIn(
    { responder, scenario: unevenWeights, fault: true, pace: "drill", ...given },
    {
      clock,
      drill: { state: state as unknown as DrillState, end: (reason) => void ends.push(reason) },
      trainee: fakeTrainee({}),
      say: (line) => lines.push(line),
      signal: stop.signal,
    },
  );
  return { clock, stop, state, ends, lines, done };
}

describe("a responder that stands in for the trainee", () => {
  it("does nothing before the lab serves", async () => {
    let begun = false;
    const { clock, state } = duty(async () => (begun = true));
    await pass(clock, 5000);
    expect(begun).toBe(false);
    state.phase = "steady";
    await pass(clock, 250);
    expect(begun).toBe(true);
  });

  it.each([
    ["solved", true],
    ["asked", false],
  ])("ends the drill as %s where users being well is %s", async (reason, well) => {
    const { clock, state, ends, done } = duty(async () => well);
    state.phase = "steady";
    await pass(clock, 250);
    await done;
    expect(ends).toEqual([reason]);
  });

  it("has not solved the drill when it fails, and says why", async () => {
    const { clock, state, ends, lines, done } = duty(() => Promise.reject(new Error("a bug of its own")));
    state.phase = "steady";
    await pass(clock, 250);
    await done;
    expect([ends, lines]).toEqual([["asked"], ["the responder gave up: a bug of its own"]]);
  });

  it("writes nothing about a drill that is over", async () => {
    const { stop, ends, lines, done } = duty(async () => true);
    stop.abort(new Error("the drill is over"));
    await done;
    expect([ends, lines]).toEqual([[], []]);
  });

  it("waits for a page as long as the pace says, and where nothing is wrong longer than any rule waits", async () => {
    const waits: number[] = [];
    const responder: Responder = async (_trainee, { waitMs }: ResponderOptions) => waits.push(waitMs) > 0;
    for (const fault of [true, false]) {
      const { clock, state, done } = duty(responder, { fault });
      state.phase = "steady";
      await pass(clock, 250);
      await done;
    }
    expect(waits).toEqual([unevenWeights.paces.drill.timing.pageWithinMs, 30_000]);
  });

  it("ends a drill at its report's pace only when users have been well for a while", async () => {
    const { wellForMs } = unevenWeights.paces.report.timing;
    const { clock, state, ends } = duty(async () => true, { pace: "report" });
    state.phase = "steady";
    await pass(clock, 250);
    state.wellSince = clock.wall();
    await pass(clock, wellForMs * 0.8);
    expect(ends).toEqual([]);
    await pass(clock, wellForMs * 0.3);
    expect(ends).toEqual(["solved"]);
  });

  it("waits no longer for users than a repair may take", async () => {
    const { recoveryMs, timing } = unevenWeights.paces.report;
    const { clock, state, ends } = duty(async () => true, { pace: "report" });
    state.phase = "steady";
    await pass(clock, recoveryMs - timing.wellForMs / 10);
    expect(ends).toEqual([]);
    await pass(clock, timing.wellForMs / 5);
    expect(ends).toEqual(["solved"]);
  });
});
