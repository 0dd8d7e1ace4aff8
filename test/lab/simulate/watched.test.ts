import { describe, expect, it } from "vitest";
import { spoiltIn } from "../../../lab/contract/seen.ts";
import { EVENT_TYPES, type EventType, type LabEvent } from "../../../lab/events/event.ts";
import { follow } from "../../../lab/events/follow.ts";
import { doNothing } from "../../../lab/responders/none.ts";
import type { SimulationOptions } from "../../../lab/simulate/simulate-drill.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import { portConflict } from "../../../scenarios/port-conflict/scenario.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { simulated } from "../../support/simulations.ts";

/** A drill with the responder on call and a subscriber, run once for all tests. */
const cached = new Map<Scenario, ReturnType<typeof watched>>();
function watchedOnce(scenario: Scenario): ReturnType<typeof watched> {
  const known = cached.get(scenario) ?? watched(scenario);
  cached.set(scenario, known);
  return known;
}

/** A drill with a subscriber from its first moment. */
async function watched(scenario: Scenario, options: Partial<SimulationOptions> = {}) {
  const events: LabEvent[] = [];
  const simulation = await simulated(scenario, {
    ...options,
    watch: (bus) => void follow(bus, { types: new Set(EVENT_TYPES) }, (event) => (events.push(event), true)),
  });
  const of = <T extends EventType>(type: T) =>
    events.filter((event): event is Extract<LabEvent, { readonly type: T }> => event.type === type);
  return { simulation, events, of };
}

describe("events in virtual time", () => {
  it("change nothing of what happens", async () => {
    const alone = await simulated(portConflict);
    const { simulation } = await watchedOnce(portConflict);
    expect(simulation.digest).toBe(alone.digest);
  });

  it("are the same for the same seed, the sampled requests too", async () => {
    const [first, second] = [await watchedOnce(portConflict), await watched(portConflict)];
    expect(JSON.stringify(second.of("traffic"))).toBe(JSON.stringify(first.of("traffic")));
  });

  it("are of all types, in the world's own time, and add up to what happened", async () => {
    const { simulation, of } = await watchedOnce(portConflict);
    expect(of("journal").map(({ line }) => line)).toEqual(simulation.journal);
    expect(of("change").map(({ change }) => change)).toEqual(simulation.changes);
    expect(of("alert").length).toBeGreaterThan(0);
    expect(of("unit").length).toBeGreaterThan(0);
    for (const type of ["state", "traffic"] as const)
      expect(Math.abs(of(type).length / 4 - simulation.virtualSeconds)).toBeLessThan(1);
    const requests = of("traffic").reduce(
      (sum, { traffic }) =>
        sum +
        traffic.counts.reduce((all, { edge, count }) => all + (edge.from === "listener" ? count : 0), 0),
      0,
    );
    // But for those of the last moment, which no event reports any more.
    expect(simulation.requests - requests).toBeGreaterThanOrEqual(0);
    expect(simulation.requests - requests).toBeLessThan(100);
  });

  it("show that users fail while no balancer is there to log it", async () => {
    const { of } = await watched(portConflict, { responder: doNothing });
    const dead = of("traffic").filter(
      ({ traffic: { counts } }) =>
        counts.length > 0 && counts.every(({ edge, failed }) => edge.from === "users" && failed),
    );
    expect(dead.length).toBeGreaterThan(4);
    expect(dead[0]?.traffic.samples[0]).toMatchObject({ seenBy: "users", outcome: "refused", failed: true });
  });
});

describe("what is streamed until a drill ends", () => {
  it.each(SCENARIOS)("gives nothing away: $alias", async (scenario) => {
    const { events } = await watchedOnce(scenario);
    const end = events.findIndex((event) => event.type === "journal" && event.line.event === "ending");
    expect(end).toBeGreaterThan(0);
    const seen = events
      .slice(0, end)
      // The trainee's own diagnosis reveals nothing.
      .filter((event) => event.type !== "journal" || event.line.event !== "diagnosed")
      .map((event) => [event.type, JSON.stringify(event)] as const);
    const words = [scenario.id, scenario.id.replaceAll("-", " "), ...scenario.spoilers];
    expect(spoiltIn(seen, words)).toEqual([]);
    // Nor what proves the prober's requests, or whose they were.
    for (const [, text] of seen) expect(text).not.toMatch(/nonce|proof|"user":/i);
  });
});
