import { expect, it } from "vitest";
import { runCanaries } from "./canaries.ts";

it("canaries lose nothing, share backends and keep their users, over 150 random runs", () => {
  for (let seed = 1; seed <= 150; seed++) expect(runCanaries(seed), `seed ${seed}`).toEqual([]);
});
