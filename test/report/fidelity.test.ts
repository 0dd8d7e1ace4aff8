import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fidelityOf } from "../../lab/fidelity/fidelity.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";

const dashboards = join(import.meta.dirname, "..", "..", "dashboards");
/** `LBLAB_REPORT_SEEDS=3` runs each incident three times. */
const seeds = Array.from({ length: Number(process.env["LBLAB_REPORT_SEEDS"] ?? 1) }, (_, i) => i + 1);

describe.each(SCENARIOS.map((scenario) => ({ id: scenario.id, scenario })))(
  "$id at its own length",
  ({ scenario }) => {
    it.each(seeds)("keeps to its report, seed %i", async (seed) => {
      const { claims, simulation } = await fidelityOf(scenario, { seed, platform: nodePlatform(dashboards) });
      expect(
        claims.filter(({ ok, contradicted, ours }) => !ok && contradicted === undefined && !ours),
      ).toEqual([]);
      // Everything that has to fire did, and nothing that must not.
      const { fired } = simulation.result.alerts;
      expect(scenario.alerts.mustFire.filter((name) => !fired.includes(name))).toEqual([]);
      expect(scenario.alerts.mustNotFire.filter((name) => fired.includes(name))).toEqual([]);
      expect(simulation.result).toMatchObject({ inBand: true, check: "OK" });
    });
  },
);
