import { describe, expect, it } from "vitest";
import { chosenMeasures } from "../../../lab/measures/choice.ts";
import { doNothing } from "../../../lab/responders/none.ts";
import type { JournalLine } from "../../../lab/drill/events.ts";
import { findScenario } from "../../../scenarios/index.ts";
import { simulated } from "../../support/simulations.ts";

/** An incident that nobody answers, with these measures on. */
function alone(alias: string, names: readonly string[], options: readonly string[] = []) {
  const scenario = findScenario(alias);
  if (!scenario) throw new Error(`there is no ${alias}`);
  return simulated(scenario, { responder: doNothing, choice: chosenMeasures(names, [], options) });
}

const linesOf = <Event extends JournalLine["event"]>(journal: readonly JournalLine[], event: Event) =>
  journal.filter((line): line is JournalLine & { event: Event } => line.event === event);

describe("semantic-check", () => {
  it("refuses the faulty push, the later one that takes the fault over, and the retirement of servers still in use", async () => {
    const { result, journal } = await alone("lantern", ["semantic-check"]);
    expect(result).toMatchObject({ outcome: "prevented", outcomeBy: "measure:semantic-check" });
    expect(result.measured.userMinutesLostPer1000).toBe(0);
    expect(linesOf(journal, "prevented").map(({ kind }) => kind)).toEqual(["config", "config", "retire"]);
  });

  it("refuses a pool without health checks", async () => {
    const { journal } = await alone("thistle", ["semantic-check"]);
    expect(linesOf(journal, "prevented")).toMatchObject([{ findings: ["NO_HEALTH_CHECK"] }]);
  });
});

describe("right-environment", () => {
  it("refuses a package that was built for another environment", async () => {
    const { result } = await alone("overture", ["right-environment"]);
    expect(result).toMatchObject({ outcome: "prevented", outcomeBy: "measure:right-environment" });
  });
});

describe("auto-rollback", () => {
  it("undoes every push that it watched, the newest first, and the configuration once", async () => {
    const { result, journal } = await alone("lantern", ["auto-rollback"]);
    expect(result).toMatchObject({ outcome: "caught", outcomeBy: "measure:auto-rollback", durable: true });
    expect(linesOf(journal, "caught").map(({ kind }) => kind)).toEqual(["retire", "config"]);
  });

  it("uninstalls a package, and starts the balancer that had given up", async () => {
    const { result, journal } = await alone("overture", ["auto-rollback"]);
    expect(result).toMatchObject({ outcome: "caught", durable: true });
    expect(linesOf(journal, "acted").map(({ action }) => action)).toEqual([
      "package uninstall kiosk",
      "unit restart balancer",
    ]);
  });

  it("that undoes configurations only goes back to servers that are gone, and restores nobody", async () => {
    const { result } = await alone("lantern", ["auto-rollback"], ["auto-rollback.undoes=config"]);
    expect(result.check).toBe("NO");
    expect(result.outcome).toBeUndefined();
  });

  it("that watches for too short a time sees nothing", async () => {
    const { journal } = await alone("thistle", ["auto-rollback"], ["auto-rollback.watch=1"]);
    expect(linesOf(journal, "caught")).toEqual([]);
  });
});

describe("canary", () => {
  it("sees by the shares of its own arm what a tenth of the users do not feel, and the plan's further steps are not made", async () => {
    const { result, journal } = await alone("lantern", ["canary"]);
    expect(result).toMatchObject({ outcome: "prevented", outcomeBy: "measure:canary" });
    expect(linesOf(journal, "prevented")).toMatchObject([
      { author: "ops-maintenance", message: expect.stringContaining("at 10 % of the users") as unknown },
      { author: "ops-hardware", kind: "config" },
      { kind: "retire", message: "it is a further step of HW-0731, which was refused" },
    ]);
  });
});
