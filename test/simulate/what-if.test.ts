import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { HandOver } from "../../lab/simulate/hand-over.ts";
import { openVirtualSession } from "../../lab/simulate/virtual-session.ts";
import { whatIf } from "../../lab/simulate/what-if.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";
import { singleServer } from "../../scenarios/single-server/scenario.ts";
import { handOverOf } from "../support/hand-over.ts";

const platform = nodePlatform(join(import.meta.dirname, "..", "..", "dashboards"));
const AT_STEP = 400;

let recorded: HandOver;
let lost: number;

/** A drill in which somebody rolls back after a while and ends it later. */
beforeAll(async () => {
  const session = openVirtualSession({ scenario: singleServer, seed: 1 }, { platform });
  while (session.result === undefined && session.steps < 20 * AT_STEP) {
    if (session.steps === 2 * AT_STEP) void session.trainee.act({ do: "config rollback" });
    if (session.steps === 4 * AT_STEP) void session.trainee.end();
    await session.step();
  }
  lost = session.result?.measured.userMinutesLostPer1000 ?? 0;
  recorded = await handOverOf(session, { alias: "harvest", seed: 1 });
  await session.close();
}, 60_000);

const withMeasure = (name: string) => whatIf(recorded, name, { scenario: singleServer, platform });

describe("a drill that is run again with a measure", () => {
  it("loses the same with a measure that has nothing to do in it", async () => {
    expect(lost).toBeGreaterThan(10);
    expect(await withMeasure("right-environment")).toEqual({
      lost,
      outcome: undefined,
      restoredBy: undefined,
    });
  });

  it("loses nothing where the measure refuses the change", async () => {
    expect(await withMeasure("semantic-check")).toMatchObject({ lost: 0, outcome: "prevented" });
  });
});
