import { wordOf } from "../../drill/moment-words.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import type { LoadedScenario } from "../../contract/load-scenario.ts";
import type { RecordedMoment } from "../../drill/record.ts";
import type { Result } from "../../drill/result.ts";
import { savingText, type Saving } from "../../matrix/savings.ts";
import type { DrillState } from "../../drill/state.ts";
import { judgeDiagnosis } from "../../judge/diagnosis.ts";
import { percent } from "../../judge/well.ts";
import { paint } from "../output.ts";
import { reportedLoss } from "./reported-loss.ts";
import { reflowed } from "../prose.ts";
import { scenarioText } from "../drill/scenario-texts.ts";
import { table } from "../tables.ts";

export interface Debriefed {
  readonly result: Result;
  readonly state: DrillState;
  readonly timeline: readonly RecordedMoment[];
  /** What the report's measures would have saved of this run's loss. */
  readonly savings: readonly Saving[];
}

/** The debrief: what it was, how the trainee did beside the report's own team, and what would have helped. */
export function debriefText(
  incident: LoadedScenario,
  { result, state, timeline, savings }: Debriefed,
): string {
  const { scenario } = incident;
  const heading = (text: string): string => paint("bold", text);
  return [
    heading(`Debrief: ${scenario.title} (report ${scenario.report.number})`),
    verdictText(result, state, scenario),
    heading("Times, yours beside the report's"),
    timesText(result, scenario),
    heading("Impact, measured beside reported"),
    impactText(result, state, scenario),
    heading("What happened, and what you did"),
    timelineText(timeline, scenario),
    stepsText(result),
    heading("The evidence that decides it"),
    scenario.evidence.map(({ look, shows }) => `- ${look}: ${shows}`).join("\n"),
    heading("False leads"),
    scenario.falseLeads.map(({ looksLike, refutedBy }) => `- "${looksLike}": ${refutedBy}`).join("\n"),
    heading("Where the report contradicts itself"),
    scenario.report.contradictions
      .map(({ claim, reason, treatment }) => `- ${claim}: ${reason}. Here: ${treatment}.`)
      .join("\n"),
    // Its paragraphs in one line each: they are wrapped at the terminal's width when printed.
    reflowed(scenarioText(incident, "answer.md").replaceAll("**", ""), Infinity),
    `The report itself asks for: ${scenario.report.measures.join("; ")}.`,
    savingsText(savings),
    resetText(state),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const savingsText = (savings: readonly Saving[]): string =>
  savings.length === 0
    ? ""
    : [SAVINGS_HEAD, ...savings.map((saving) => `- ${savingText(saving)}`)].join("\n");

/** Before what each measure would have saved. */
export const SAVINGS_HEAD =
  "What these would have saved of what your users lost, per 1,000 of them; an estimate by the share that each saves of the report's own run (lblab measures):";

/** OK or NO, whether it lasts, and whether the diagnosis is right: a line each. */
export function verdictText(result: Result, state: DrillState, scenario: Scenario): string {
  const lines = [
    result.check === "OK" ? "Users are well: OK." : "Users are not well: NO.",
    outcomeText(result),
    result.restoredBy === undefined || result.outcome !== undefined
      ? ""
      : `It was ${result.restoredBy} that restored them, and no step of yours.`,
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

/** How a measure ended the incident. */
function outcomeText({ outcome, outcomeBy }: Result): string {
  if (outcome === undefined) return "";
  return outcome === "prevented"
    ? `Prevented: ${outcomeBy} refused the change, and no user was hurt. There was nothing to pass or to fail.`
    : `Caught: ${outcomeBy} undid the change. There was nothing to pass or to fail.`;
}

/** Rows of the four times and of what users lost: what, yours, the report's. */
export function timesRows({ measured, check, restoredBy }: Result, scenario: Scenario): string[][] {
  const { report } = scenario;
  const yours = (seconds: number | null): string =>
    seconds === null ? "not reached" : `${seconds.toFixed(1)} s`;
  const theirs = (minutes: number | null): string => (minutes === null ? "not stated" : `${minutes} min`);
  const { userMinutesLostPer1000: lost, projectedUserMinutesLostPer1000: projected } = measured;
  return [
    ["detect (the page)", yours(measured.secondsToDetect), theirs(report.minutes.detect)],
    ["identify (right diagnosis)", yours(measured.secondsToIdentify), theirs(report.minutes.identify)],
    [
      restoredBy === undefined ? "mitigate (the step that helped)" : `mitigate (by ${restoredBy})`,
      yours(measured.secondsToMitigate),
      theirs(report.minutes.mitigate),
    ],
    ["restore (users well)", yours(measured.secondsToRestore), theirs(report.minutes.restore)],
    [
      "user-minutes lost per 1,000 users",
      check === "OK" || projected <= lost
        ? lost.toFixed(0)
        : `${projected.toFixed(0)} (${lost.toFixed(0)} until you left, and it went on)`,
      reportedLoss(scenario, "drill"),
    ],
  ];
}

const timesText = (result: Result, scenario: Scenario): string =>
  table(["from the change to", "you", "report"], timesRows(result, scenario));

export function impactText(result: Result, { impact }: DrillState, { report }: Scenario): string {
  const statuses = Object.entries(result.measured.statuses)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${count} x ${status}`)
    .join(", ");
  const figures = (impact?.figures ?? []).map(
    ({ expectation: { figure, min, max, ...of }, measured, inBand }) =>
      `- ${[figure, ...Object.values(of)].join(" ")}: ${measured === undefined ? "nothing to measure" : measured.toFixed(3)} (band ${min ?? "any"} to ${max ?? "any"}): ${inBand ? "in band" : "OUT OF BAND"}`,
  );
  return [
    `report: ${report.impact}, status ${report.status}`,
    `here: ${percent(result.measured.failedRequestRatio)} of requests failed, ${percent(result.measured.affectedUserRatio)} of users affected; answers: ${statuses}`,
    ...(result.impactSettled
      ? figures
      : ["You acted or left before it had settled: these figures say little, and are held against nothing."]),
  ].join("\n");
}

/** What happened, a line each, with its time from the change and its actor; a configuration's diff is below it. */
export function timelineText(timeline: readonly RecordedMoment[], scenario?: Scenario): string {
  return timeline
    .map(({ seconds, at, event, detail, by, diff }) => {
      const time = seconds === null ? at.slice(11, 19) : `${seconds >= 0 ? "+" : ""}${seconds.toFixed(1)} s`;
      const who = by === undefined || by === "trainee" ? "" : ` [${by}]`;
      const line = `${time.padStart(9)}  ${wordOf(event).padEnd(10)} ${withHint(event, detail, scenario)}${who}`;
      return diff === undefined ? line : `${line}\n${indented(diff, 22)}`;
    })
    .join("\n");
}

/** A hint is journaled by its number. */
export function withHint(
  event: RecordedMoment["event"],
  detail: string,
  scenario: Scenario | undefined,
): string {
  const number = event === "hint" ? Number(/\d+/.exec(detail)?.[0]) : undefined;
  const text = number === undefined ? undefined : scenario?.hints[number - 1];
  return text === undefined ? detail : `${detail}: ${text}`;
}

const indented = (text: string, by: number): string =>
  text
    .split("\n")
    .map((line) => `${" ".repeat(by)}${line}`)
    .join("\n");

function stepsText(result: Result): string {
  const wrong = result.wrongBecause.map(
    ({ action, because, detail }) => `- ${action}: ${WRONG[because]}: ${detail}`,
  );
  return [
    `wrong actions: ${wrong.length === 0 ? "none" : wrong.length}`,
    ...wrong,
    `minutes on false leads: ${result.minutesOnFalseLeads.toFixed(1)}; hints taken: ${result.hints}`,
  ].join("\n");
}

/** Why an action counts as wrong. */
export const WRONG = {
  "false-lead": "a false lead",
  "hurt-users": "it hurt users",
  "faulty-version": "back to what was faulty",
} as const;

function resetText({ reset }: DrillState): string {
  if (!reset) return "";
  return reset.equal
    ? `Reset in ${reset.ms} ms; compared with the start: equal.`
    : `Reset in ${reset.ms} ms, but not equal to the start, so that the result does not count:\n${reset.differences.map((line) => `- ${line}`).join("\n")}`;
}
