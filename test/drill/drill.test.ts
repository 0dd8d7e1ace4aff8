import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deadBackends } from "../../scenarios/dead-backends/scenario.ts";
import { startLiveLab, visibleTexts, type LiveLab } from "../support/live-lab.ts";

/** One incident on real processes, from the page to the reset: what every change must leave working. */
describe("a live drill", () => {
  let live: LiveLab;
  beforeAll(async () => {
    live = await startLiveLab();
  });
  afterAll(() => live.close());

  it("is felt as the report says, gives nothing away, is repaired from the evidence, lasts, and is put back", async () => {
    const run = await live.paged(deadBackends);
    const before = await live.lab.client.check();
    expect(before.ok).toBe(false);

    const pids = (await live.lab.client.units()).flatMap(({ pid }) => pid ?? []);
    const words = [deadBackends.id, ...deadBackends.spoilers];
    const spoilt = [...visibleTexts(live.home, pids)].filter(([, text]) =>
      words.some((word) => text.includes(word)),
    );
    expect(spoilt.map(([where]) => where)).toEqual([]);

    const { well, lines } = await live.respond();
    expect(well, lines.join("\n")).toBe(true);
    await live.lab.client.end();
    const result = await run.result;

    expect(run.drill.state.impact?.figures.filter(({ inBand }) => !inBand)).toEqual([]);
    expect(result).toMatchObject({ check: "OK", durable: true, inBand: true, diagnosis: { correct: true } });
    expect(run.drill.state.reset).toMatchObject({ equal: true, differences: [] });
  });
});
