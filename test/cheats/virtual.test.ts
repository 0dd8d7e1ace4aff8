import { describe, expect, it } from "vitest";
import { awaitPage } from "../../lab/responders/page.ts";
import type { SimulatedWorld } from "../../lab/world/simulated/world.ts";
import type { Wellness } from "../../lab/judge/well.ts";
import { deadBackends } from "../../scenarios/dead-backends/scenario.ts";
import { simulated } from "../support/simulations.ts";
import { hardware, instruments } from "./cheats/acts.ts";
import { IMITATIONS } from "./cheats/index.ts";
import type { Cheat, CheatBench } from "./cheat.ts";
import { virtualBench } from "./virtual-bench.ts";

/** A drill in virtual time in which this is done once paged, and the result of its last check. */
async function tried(cheat: (bench: CheatBench, world: SimulatedWorld) => Promise<Wellness>) {
  let world: SimulatedWorld | undefined;
  let seen: Wellness | undefined;
  const { result } = await simulated(deadBackends, {
    prepare: (made) => (world = made),
    async responder(trainee, options) {
      await awaitPage(trainee, options);
      if (!world) throw new Error("there is no world");
      seen = await cheat(virtualBench(world, trainee), world);
      return seen.ok;
    },
  });
  return { result, seen };
}

const imitated = async ({ run }: Cheat) =>
  tried(async (bench) => {
    await run(bench);
    return bench.trainee.check();
  });

describe("in virtual time, no check is OK after", () => {
  it.each(IMITATIONS.map((cheat) => [cheat.name, cheat] as const))("%s", async (_name, cheat) => {
    const { result, seen } = await imitated(cheat);
    expect(seen?.ok).toBe(false);
    expect(seen?.felt.join("; ")).toContain("answers that no backend of this lab gave");
    expect(result).toMatchObject({ check: "NO", durable: false });
  });
});

it("in virtual time, acts on what judges and on the machine itself are refused", async () => {
  const { seen } = await tried(async ({ trainee }) => {
    for (const { name, steps, because } of [...instruments(["probe", "load", "evaluator"]), hardware])
      for (const step of steps) {
        const { ok, message } = await trainee.act(step);
        expect(ok, name).toBe(false);
        expect(message, name).toMatch(because);
      }
    return trainee.check();
  });
  expect(seen?.ok).toBe(false);
});

describe("in virtual time, a drill is void when", () => {
  it.each(["probe", "load", "evaluator"])("%s is ended past the lab", async (name) => {
    const drill = tried(async (bench, world) => {
      world.kill(name);
      return bench.trainee.check();
    });
    await expect(drill).rejects.toMatchObject({ code: "DRILL_VOID", because: "instruments" });
    await expect(drill).rejects.toThrow(
      `${name} ended (killed by SIGKILL): without it users cannot be judged`,
    );
  });
});
