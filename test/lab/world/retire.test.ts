import { expect, it } from "vitest";
import { sleep } from "../../../runtime/clock.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";
import { simulated } from "../../support/simulations.ts";

it("units that were given back are stopped and start at no boot, cannot be taken back, and are there after the reset", async () => {
  const seen: unknown[] = [];
  const { state } = await simulated(unevenWeights, {
    async responder(trainee, { clock, signal }) {
      while ((await trainee.status()).drill?.phase !== "open") await sleep(clock, 1000, signal);
      const change = (await trainee.changes()).find(({ kind }) => kind === "retire");
      const units = await trainee.units();
      for (const { name, state: is, enabled } of units)
        if (change?.subjects.includes(name)) seen.push({ name, is, enabled });
      seen.push(await trainee.act({ do: "change revert", change: change?.id ?? "none" }));
      return false;
    },
  });
  expect(seen).toEqual([
    ...["web-3", "web-4", "web-5"].map((name) => ({ name, is: "inactive", enabled: false })),
    { ok: false, message: "what was given back cannot be taken back here" },
  ]);
  expect(state.reset?.equal).toBe(true);
});
