import { describe, expect, it } from "vitest";
import { RESPONDERS, type ResponderName } from "../../lab/responders/index.ts";
import type { Simulation } from "../../lab/simulate/simulate-drill.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { playbookAt } from "../../scenarios/playbook.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { simulated } from "../support/simulations.ts";

const NAMES = Object.keys(RESPONDERS) as ResponderName[];

const run = (scenario: Scenario, name: ResponderName, fault = true): Promise<Simulation> =>
  simulated(scenario, { responder: RESPONDERS[name].create(playbookAt(scenario, "drill")), fault });

const lost = ({ result }: Simulation): number => result.measured.userMinutesLostPer1000;

describe.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))("%s", (_id, scenario) => {
  it("is repaired by the ideal responder, for good and with the right diagnosis", async () => {
    const { result } = await run(scenario, "ideal");
    expect(result).toMatchObject({ check: "OK", durable: true, diagnosis: { correct: true } });
  });

  it("is repaired by the report's team, after every other step of its report", async () => {
    const simulation = await run(scenario, "report");
    expect(simulation.result).toMatchObject({ check: "OK", durable: true, diagnosis: { correct: true } });
    const { minutes } = scenario.report;
    const playbook = playbookAt(scenario, "drill");
    const lines = simulation.said.map(({ line }) => line);
    expect(lines.slice(1)).toEqual(playbook.map(({ says }) => says));
    // At this pace a minute of the report is a second.
    const [first] = simulation.state.acts;
    const firstDone = playbook.find(({ does = [] }) => does.length > 0);
    const after = ((first?.begunAt ?? 0) - (simulation.state.changedAt ?? 0)) / 1000;
    expect(after).toBeGreaterThanOrEqual(firstDone?.minute ?? Infinity);
    expect(after).toBeLessThan(minutes.mitigate + 15);
    // What was looked at in vain was looked at before anything was repaired.
    const leads = new Set(scenario.falseLeads.flatMap(({ subjects }) => subjects));
    const followed = playbook
      .flatMap(({ looks = [] }) => looks)
      .some((look) => leads.has(look.split(" ")[1] ?? ""));
    expect(simulation.result.minutesOnFalseLeads > 0).toBe(followed);
  });

  it("is not repaired without acts, by false leads, by restarts or by one who makes it worse", async () => {
    const [none, herring, restarter, griefer] = [
      await run(scenario, "none"),
      await run(scenario, "herring"),
      await run(scenario, "restarter"),
      await run(scenario, "griefer"),
    ];
    for (const { result } of [none, herring, restarter, griefer])
      expect(result).toMatchObject({ check: "NO", durable: false });
    expect(none.state.acts).toEqual([]);
    expect(herring.result.diagnosis?.correct).toBe(false);
    expect(herring.result.wrongActions.length).toBeGreaterThan(0);
    expect(restarter.state.acts.every(({ action }) => action.startsWith("unit restart "))).toBe(true);
    expect(griefer.state.acts.every(({ action }) => action.startsWith("unit stop "))).toBe(true);
    // Where nothing works any more there is nothing left to make worse.
    if (none.result.measured.failedRequestRatio < 0.995) expect(lost(griefer)).toBeGreaterThan(lost(none));
    else expect(lost(griefer)).toBeGreaterThanOrEqual(0.99 * lost(none));
  });

  it.each(NAMES)("leaves %s with nothing to do when nothing is wrong", async (name) => {
    const { result, state, said } = await run(scenario, name, false);
    expect(result.check).toBe("OK");
    expect(state.acts).toEqual([]);
    expect(state.diagnosis).toBeNull();
    expect(said.map(({ line }) => line)).toEqual(["no page: nothing to do"]);
  });
});

it("taking the newest changes back fails, or costs half as much again, in two incidents at least", async () => {
  const dear: string[] = [];
  for (const scenario of SCENARIOS) {
    const [reverter, ideal] = [await run(scenario, "reverter"), await run(scenario, "ideal")];
    if (reverter.result.check === "NO" || lost(reverter) >= 1.5 * lost(ideal)) dear.push(scenario.id);
    expect(reverter.state.looks.filter(({ subject }) => subject === "metrics")).toEqual([]);
  }
  expect(dear.length).toBeGreaterThanOrEqual(2);
  // Twice because an innocent change of the configuration is newer than the guilty one, and is needed.
  expect(dear).toEqual(expect.arrayContaining(["uneven-weights", "auth-bottleneck"]));
});
