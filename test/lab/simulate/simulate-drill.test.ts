import { Server, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { deadBackends } from "../../../scenarios/dead-backends/scenario.ts";
import { singleServer } from "../../../scenarios/single-server/scenario.ts";
import { createWatchedTime, simulated } from "../../support/simulations.ts";

describe.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
  "%s, in virtual time",
  (_id, scenario) => {
    it("has its impact in band, is repaired from the evidence, lasts, and is put back", async () => {
      const lines: string[] = [];
      const { result, state } = await simulated(scenario, { say: (line) => lines.push(line) });
      expect(state.impact?.figures.filter(({ inBand }) => !inBand)).toEqual([]);
      expect(result, lines.join("\n")).toMatchObject({
        check: "OK",
        durable: true,
        inBand: true,
        diagnosis: { correct: true },
        alerts: { falsePages: [] },
      });
      expect(result.alerts.page).not.toBeNull();
      const { mustFire, mustNotFire } = scenario.alerts;
      expect(mustNotFire.filter((name) => result.alerts.fired.includes(name))).toEqual([]);
      // A backend that crashes is back before three checks in a row have failed: it goes DOWN by chance.
      const missed = mustFire.filter(
        (name) => name !== "UpstreamDown" && !result.alerts.fired.includes(name),
      );
      expect(missed).toEqual([]);
      expect(state.reset).toMatchObject({ equal: true, differences: [] });
    });

    it("pages nobody without a fault, and the responder leaves it alone", async () => {
      const { result, state } = await simulated(scenario, { fault: false });
      expect(result.check).toBe("OK");
      expect(state).toMatchObject({ acts: [], pagedAt: null, falsePages: [] });
      expect(state.reset).toMatchObject({ equal: true, differences: [] });
    });
  },
);

/** Everything of the real world that nothing in a simulation may touch, to be put back afterwards. */
const OUTSIDE = [
  [Date, "now"],
  [performance, "now"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
  [globalThis, "fetch"],
  [Math, "random"],
  [Socket.prototype, "connect"],
  [Server.prototype, "listen"],
] as const;

describe("a simulation", () => {
  it("is the same to the last event for the same seed, and another for another seed", async () => {
    const lines: string[][] = [[], []];
    const [first, second] = [
      await simulated(deadBackends, { onLine: (line) => lines[0]?.push(line) }),
      await simulated(deadBackends, { onLine: (line) => lines[1]?.push(line) }),
    ];
    expect(lines[0]).toEqual(lines[1]);
    expect(first.digest).toBe(second.digest);
    expect((await simulated(deadBackends, { seed: 2 })).digest).not.toBe(first.digest);
  });

  it("that can make no progress ends, and says what it waited for", async () => {
    const stuck = simulated(deadBackends, {
      prepare: (world) => Object.assign(world, { start: () => new Promise(() => {}) }),
    });
    await expect(stuck).rejects.toMatchObject({
      code: "ENVIRONMENT",
      message:
        '3600 s have passed in virtual time, and it waited for the drill, which had come to "briefing"',
    });
  });

  it("that is interrupted rejects with the reason", async () => {
    const interrupt = new AbortController();
    const going = simulated(deadBackends, {
      signal: interrupt.signal,
      onLine: (line) => line.includes('"changed"') && interrupt.abort(new Error("interrupted")),
    });
    await expect(going).rejects.toThrow("interrupted");
  });

  it("is judged NO without any act", async () => {
    const { result, state } = await simulated(deadBackends, { responder: async () => false });
    expect(result).toMatchObject({ check: "NO", durable: false });
    expect(state.reset).toMatchObject({ equal: true });
  });

  it("uses no clock, no timer, no socket and no random numbers but its own", async () => {
    const wild: string[] = [];
    const put = (object: object, name: string, value: unknown) =>
      Object.defineProperty(object, name, { value, configurable: true, writable: true });
    const kept = OUTSIDE.map(
      ([object, name]) => [object, name, Reflect.get(object, name) as unknown] as const,
    );
    for (const [object, name, real] of kept)
      put(object, name, (...given: unknown[]) => {
        const stack = new Error(name).stack ?? "";
        // The test's own runner goes on meanwhile.
        if (/\/(lab|lb|backends|runtime|scenarios)\//.test(stack.replaceAll(/test\/\S+/g, "")))
          wild.push(stack);
        return Reflect.apply(real as () => unknown, object, given);
      });
    try {
      await simulated(deadBackends);
    } finally {
      for (const [object, name, real] of kept) put(object, name, real);
    }
    expect(wild).toEqual([]);
  });

  it("leaves no promise behind an event that is never awaited", async () => {
    const { time, found, stop } = createWatchedTime();
    try {
      // The one in which processes also crash and restart.
      await simulated(singleServer, { time });
    } finally {
      stop();
    }
    expect(found).toEqual([]);
  });
});
