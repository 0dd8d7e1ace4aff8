import type { Scenario } from "../../scenarios/scenario.ts";
import type { Simulation } from "../simulate/simulate-drill.ts";
import type { TrialRecord } from "./apply-treatment.ts";
import { spoiltIn } from "./seen.ts";
import type { Failure, Rule, Trial } from "./trial.ts";

/** What a trial contradicts of the contract: nothing, if all is well. */
export function judgeTrial(
  scenario: Scenario,
  { treatment: { kind } }: Trial,
  { state, result, journal }: Simulation,
  record: TrialRecord,
): Failure[] {
  const failures: Failure[] = [];
  const expect = (rule: Rule, holds: boolean, detail: () => string): void => {
    if (!holds) failures.push({ rule, detail: detail() });
  };

  const passes = state.checks.filter(({ ok }) => ok).length;
  switch (kind) {
    case "quiet":
      expect("passes", passes === state.checks.length && passes > 0, () => record.relapses.join("; "));
      expect("quiet", state.pagedAt === null && state.falsePages.length === 0, () =>
        [...state.falsePages, state.page?.alert ?? ""].join(" "),
      );
      break;
    case "untouched":
      expect("refuses", passes === 0 && state.checks.length > 0, () => verdictsOf(state.checks));
      expect("impact", state.impact?.inBand === true, () => outOfBand(state.impact));
      expect("alerts", result.alerts.asExpected, () => unexpectedAlerts(scenario, result.alerts));
      break;
    case "wrong":
      expect("refuses", passes === 0, () => verdictsOf(state.checks));
      break;
    case "right":
    case "mitigation":
      expect("steps-work", record.refusedSteps.length === 0, () => record.refusedSteps.join("; "));
      expect("passes", record.passedAt !== null, () => record.felt.join("; "));
      expect("passes", record.relapses.length === 0, () => `and then: ${record.relapses.join("; ")}`);
      if (record.passedAt !== null)
        expect("durable", result.durable === (kind === "right"), () =>
          result.durable ? "users are well after the restart" : "users are not well after the restart",
        );
  }
  expect("reset", state.reset?.equal === true, () => state.reset?.differences.join("; ") ?? "no reset");

  const words = [...scenario.spoilers, scenario.id, scenario.id.replaceAll("-", " ")];
  const debriefed = journal.findIndex(({ event }) => event === "debriefed");
  const reported = journal
    .slice(0, debriefed)
    .map((line) => [`the journal's ${line.event}`, JSON.stringify(line)] as const);
  const spoilt = new Set([
    ...record.seen.flatMap((seen) => spoiltIn(seen, words)),
    ...spoiltIn(reported, words),
  ]);
  expect("no-spoiler", spoilt.size === 0, () => [...spoilt].join("; "));
  return failures;
}

const verdictsOf = (checks: Simulation["state"]["checks"]): string =>
  `checks said ${checks.map(({ ok }) => (ok ? "OK" : "NO")).join(", ")}`;

const outOfBand = (impact: Simulation["state"]["impact"]): string =>
  (impact?.figures ?? [])
    .filter(({ inBand }) => !inBand)
    .map(
      ({ expectation: { figure, min = 0, max = "any" }, measured }) =>
        `${figure} is ${measured?.toFixed(3) ?? "not measured"}, not in ${min} to ${max}`,
    )
    .join("; ") || "it was not measured";

const unexpectedAlerts = (
  { alerts: { mustFire, mustNotFire } }: Scenario,
  { fired, falsePages }: Simulation["result"]["alerts"],
): string =>
  [
    ...mustFire.filter((name) => !fired.includes(name)).map((name) => `${name} did not fire`),
    ...mustNotFire.filter((name) => fired.includes(name)).map((name) => `${name} fired`),
    ...falsePages.map((name) => `${name} paged before the change`),
  ].join("; ");
