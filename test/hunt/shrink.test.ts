import { describe, expect, it } from "vitest";
import { drawPlan } from "./draw-plan.ts";
import { tryPlan } from "./hunt.ts";
import type { Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { WRONG_BALANCERS } from "./wrong-balancers.ts";

/** A seed whose plan has more requests waiting than the limit. */
const SHOWS_IT = 23;

const never = (): boolean => false;
const dones = ({ steps }: Plan): string[] => steps.map((step) => step.do);

describe("the shortest replay", () => {
  it("of two steps that only together break something is those two", async () => {
    const seed = [...Array(100).keys()].find((one) => {
      const steps = dones(drawPlan(one));
      return steps.length > 60 && steps.includes("weight") && steps.includes("crash");
    });
    const shortest = await shrink(
      drawPlan(seed ?? 0),
      async (plan) => dones(plan).includes("weight") && dones(plan).includes("crash"),
      never,
    );
    expect(dones(shortest).sort()).toEqual(["crash", "weight"]);
    expect(Object.values(shortest.config).map(({ upstreams }) => upstreams.length)).toEqual([1]);
    expect(Object.values(shortest.config).map(({ settings }) => settings)).toEqual([
      { policy: { type: "round-robin" } },
    ]);
  });

  it("of a balancer that lets one more wait is less than half as long, and still shows it", async () => {
    const wrong = WRONG_BALANCERS["lets one more wait"];
    const breaks = async (plan: Plan) =>
      (await tryPlan(plan, wrong?.make)).findings[0]?.invariant === "queue limit";
    const plan = drawPlan(SHOWS_IT);
    expect(await breaks(plan)).toBe(true);
    let tries = 0;
    const shortest = await shrink(plan, breaks, () => ++tries > 80);
    expect(await breaks(shortest)).toBe(true);
    expect(shortest.steps.length).toBeLessThan(plan.steps.length / 2);
  });

  it("stops when its time is up, with the best so far", async () => {
    let tries = 0;
    const plan = drawPlan(3);
    const shortest = await shrink(
      plan,
      async () => true,
      () => ++tries > 3,
    );
    expect(shortest.steps.length).toBeLessThan(plan.steps.length);
  });
});
