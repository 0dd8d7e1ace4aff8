import { describe, expect, it } from "vitest";
import { createHeldChanges } from "../../../lab/drill/held-changes.ts";
import type { Measure } from "../../../lab/measures/measure.ts";
import type { Trainee } from "../../../lab/trainee/trainee.ts";
import { deadBackends } from "../../../scenarios/dead-backends/scenario.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { simulated } from "../../support/simulations.ts";

const CHANGE = {
  kind: "config",
  by: "ops",
  summary: "OPS-1 weights",
  subjects: ["balancer"],
  isAct: false,
} as const;

describe("changes that a measure holds", () => {
  it("wait under a name of their own until somebody answers, and are answered once", async () => {
    const held = createHeldChanges(createManualClock());
    const { answered } = held.hold("measure:review", CHANGE);
    expect(held.waiting).toMatchObject([{ id: "held-1", by: "measure:review", author: "ops" }]);
    const step = { do: "config reject", proposal: "held-1", reason: "too much for web-3" } as const;
    expect(held.answer(step, "trainee")).toEqual({
      ok: true,
      message: "held-1 (OPS-1 weights by ops) is rejected",
    });
    expect(await answered).toEqual({ approved: false, message: "trainee rejects it: too much for web-3" });
    expect(held.waiting).toEqual([]);
    expect(held.answer(step, "trainee")).toMatchObject({
      ok: false,
      message: "no held-1 waits for a reviewer; nothing does",
    });
  });

  it("are not answered by whoever made them, nor once they are released", () => {
    const held = createHeldChanges(createManualClock());
    const { release } = held.hold("measure:review", { ...CHANGE, by: "trainee", isAct: true });
    const step = { do: "config approve", proposal: "held-1" } as const;
    expect(held.answer(step, "trainee")).toMatchObject({ ok: false, code: "OWN_APPROVAL" });
    release();
    expect(held.answer(step, "instructor")).toMatchObject({
      ok: false,
      message: "no held-1 waits for a reviewer; nothing does",
    });
  });
});

/** A reviewer who never answers. */
const patient: Measure = {
  name: "review",
  begin: () => ({
    before: ({ isAct }) =>
      isAct
        ? { ruling: "allow" }
        : { ruling: "ask", whom: "reviewer", message: "asked", answer: new Promise(() => {}) },
  }),
};

/** A drill in which the trainee answers what is held for a reviewer. */
const reviewing = (verb: "approve" | "reject") =>
  simulated(deadBackends, {
    measures: [patient],
    async responder(trainee, { clock }) {
      const held = await heldIn(trainee, clock);
      expect(held).toMatchObject({ id: "held-1", author: "ops-inventory" });
      expect(held.config?.after).toContain("web-10");
      expect(await trainee.act({ do: `config ${verb}`, proposal: held.id })).toMatchObject({ ok: true });
      return false;
    },
  });

async function heldIn(trainee: Trainee, clock: { after(ms: number, run: () => void): unknown }) {
  for (;;) {
    const [first] = (await trainee.rollout()).held;
    if (first) return first;
    await new Promise<void>((resolve) => void clock.after(500, resolve));
  }
}

describe("a trainee in the reviewer's place", () => {
  it("rejects a change, and it is prevented", async () => {
    const { result, journal } = await reviewing("reject");
    expect(result).toMatchObject({ outcome: "prevented", outcomeBy: "measure:review" });
    expect(journal).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event: "acted", action: "config reject held-1", ok: true, by: "trainee" }),
        expect.objectContaining({ event: "held", by: "measure:review", message: "trainee rejects it" }),
      ]),
    );
  });

  it("approves one, and users feel it", async () => {
    const { result, state } = await reviewing("approve");
    expect(result.outcome).toBeUndefined();
    expect(state.impactAt).not.toBeNull();
  });
});

describe("review and freeze at the balancer of a lab", () => {
  it("are acts of the trainee, in the record with their actor, and refusals have their codes", async () => {
    const { journal } = await simulated(deadBackends, {
      async responder(trainee) {
        const { yaml, version } = await trainee.config();
        const step = { do: "config propose", yaml, reason: "as it is" } as const;
        expect(await trainee.act({ ...step, over: version + 1 })).toMatchObject({
          ok: false,
          code: "CONFIG_CONFLICT",
        });
        expect(await trainee.act(step)).toMatchObject({ ok: true });
        expect((await trainee.rollout()).balancer).toMatchObject({
          canary: null,
          proposal: { id: 1, by: "trainee", yaml, stale: false },
        });
        expect(await trainee.act({ do: "config approve", proposal: "1" })).toMatchObject({
          ok: false,
          code: "FORBIDDEN",
        });
        expect(await trainee.act({ do: "config reject", proposal: "1" })).toMatchObject({ ok: true });
        expect(await trainee.act({ do: "config freeze", reason: "the sale", seconds: 60 })).toMatchObject({
          ok: true,
        });
        expect((await trainee.rollout()).balancer?.status.frozen).toMatchObject({ reason: "the sale" });
        expect(await trainee.act({ do: "config apply", yaml })).toMatchObject({ ok: false, code: "FROZEN" });
        expect(await trainee.act({ do: "config thaw" })).toMatchObject({ ok: true });
        expect((await trainee.audit()).drift).toEqual([]);
        return false;
      },
    });
    const acts = journal.filter((line) => line.event === "acted");
    expect(acts.map(({ action, by }) => [action, by])).toEqual([
      ["config propose FILE", "trainee"],
      ["config propose FILE", "trainee"],
      ["config approve 1", "trainee"],
      ["config reject 1", "trainee"],
      ["config freeze", "trainee"],
      ["config apply FILE", "trainee"],
      ["config thaw", "trainee"],
    ]);
  });
});
