import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { Result } from "../drill/result.ts";
import type { DrillState } from "../drill/state.ts";
import { judgeDiagnosis } from "../judge/diagnosis.ts";
import { percent } from "../judge/well.ts";
import { paint } from "./output.ts";
import { reportedLoss } from "./reported-loss.ts";
import { table } from "./tables.ts";

/** What is told at the end: what it was, how the trainee did beside the report's own team, and what would have helped. */
export function debriefText(scenario: Scenario, result: Result, state: DrillState, folder: string): string {
  const heading = (text: string): string => paint("bold", text);
  return [
    heading(`Debrief: ${scenario.title} (report ${scenario.report.number})`),
    verdictText(result, state, scenario),
    heading("Times, yours beside the report's"),
    timesText(result, scenario),
    heading("Impact, measured beside reported"),
    impactText(result, state, scenario),
    heading("Your steps"),
    stepsText(result, state),
    heading("The evidence that decides it"),
    scenario.evidence.map(({ look, shows }) => `- ${look}: ${shows}`).join("\n"),
    heading("False leads"),
    scenario.falseLeads.map(({ looksLike, refutedBy }) => `- "${looksLike}": ${refutedBy}`).join("\n"),
    heading("Where the report contradicts itself"),
    scenario.report.contradictions
      .map(({ claim, reason, treatment }) => `- ${claim}: ${reason}. Here: ${treatment}.`)
      .join("\n"),
    readFileSync(join(folder, "answer.md"), "utf8").trim().replaceAll("**", ""),
    `The report itself asks for: ${scenario.report.measures.join("; ")}.`,
    resetText(state),
  ].join("\n\n");
}

function verdictText(result: Result, state: DrillState, scenario: Scenario): string {
  const lines = [
    result.check === "OK" ? "Users are well: OK." : "Users are not well: NO.",
    result.check === "NO"
      ? ""
      : result.durable
        ? "The repair lasts: users were well again after all units had been restarted."
        : "The repair does not last: after a restart of all units users were not well. It is mitigated, not repaired.",
  ];
  if (!result.diagnosis) lines.push("You gave no diagnosis.");
  else {
    const { component, mechanism, scope, correct } = result.diagnosis;
    const because = state.diagnosis && judgeDiagnosis(state.diagnosis, scenario.diagnosis).because;
    lines.push(
      `Your diagnosis (${component}, ${mechanism}, ${scope}) is ${correct ? "right" : "not right"}.${because === undefined ? "" : ` ${because}.`}`,
    );
  }
  return lines.filter((line) => line !== "").join("\n");
}

function timesText({ measured }: Result, scenario: Scenario): string {
  const { report } = scenario;
  const yours = (seconds: number | null): string =>
    seconds === null ? "not reached" : `${seconds.toFixed(1)} s`;
  const theirs = (minutes: number | null): string => (minutes === null ? "not stated" : `${minutes} min`);
  return table(
    ["from the change to", "you", "report"],
    [
      ["detect (the page)", yours(measured.secondsToDetect), theirs(report.minutes.detect)],
      ["identify (right diagnosis)", yours(measured.secondsToIdentify), theirs(report.minutes.identify)],
      ["mitigate (the step that helped)", yours(measured.secondsToMitigate), theirs(report.minutes.mitigate)],
      ["restore (users well)", yours(measured.secondsToRestore), theirs(report.minutes.restore)],
      [
        "user-minutes lost per 1,000 users",
        measured.userMinutesLostPer1000.toFixed(0),
        reportedLoss(scenario, "drill"),
      ],
    ],
  );
}

function impactText(result: Result, { impact }: DrillState, { report }: Scenario): string {
  const statuses = Object.entries(result.measured.statuses)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${count} x ${status}`)
    .join(", ");
  return [
    `report: ${report.impact}, status ${report.status}`,
    `here: ${percent(result.measured.failedRequestRatio)} of requests failed, ${percent(result.measured.affectedUserRatio)} of users affected; answers: ${statuses}`,
    ...(impact?.figures ?? []).map(
      ({ expectation: { figure, min, max, ...of }, measured, inBand }) =>
        `- ${[figure, ...Object.values(of)].join(" ")}: ${measured === undefined ? "nothing to measure" : measured.toFixed(3)} (band ${min ?? "any"} to ${max ?? "any"}): ${inBand ? "in band" : "OUT OF BAND"}`,
    ),
  ].join("\n");
}

function stepsText(result: Result, { acts, hints }: DrillState): string {
  const steps = acts.map(({ action, ok }) => `- ${action}${ok ? "" : " (refused)"}`);
  return [
    ...(steps.length === 0 ? ["none"] : steps),
    `wrong actions: ${result.wrongActions.length === 0 ? "none" : result.wrongActions.join("; ")}`,
    `minutes on false leads: ${result.minutesOnFalseLeads.toFixed(1)}; hints taken: ${hints}`,
  ].join("\n");
}

function resetText({ reset }: DrillState): string {
  if (!reset) return "";
  return reset.equal
    ? `Reset in ${reset.ms} ms; compared with the start: equal.`
    : `Reset in ${reset.ms} ms, but not equal to the start:\n${reset.differences.map((line) => `- ${line}`).join("\n")}`;
}
