import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import { paceOf, type PaceSet, type Scenario } from "../../scenarios/scenario.ts";
import { judgeDiagnosis } from "../judge/diagnosis.ts";
import type { WrongAction } from "./events.ts";
import { decisiveAct, type Acted, type DrillState } from "./state.ts";
import { wrongActions } from "./wrong-actions.ts";

/** One incident as it is told to machines; part of the JSON contract of `start --auto --all --json`. */
export interface Result {
  readonly scenario: string;
  readonly alias: string;
  readonly reported: { readonly impactRatio: number; readonly status: string; readonly minutes: number };
  readonly measured: {
    readonly failedRequestRatio: number;
    readonly affectedUserRatio: number;
    readonly statuses: Readonly<Record<string, number>>;
    readonly secondsToDetect: number | null;
    readonly secondsToIdentify: number | null;
    readonly secondsToMitigate: number | null;
    readonly secondsToRestore: number | null;
    /** Until the end. */
    readonly userMinutesLostPer1000: number;
    /** As if an outage that was left had gone on until the report's own team had restored; the same for one that was not. */
    readonly projectedUserMinutesLostPer1000: number;
  };
  readonly inBand: boolean;
  /** False: it ended before its impact had settled, and the figures say little. */
  readonly impactSettled: boolean;
  readonly check: "OK" | "NO";
  readonly durable: boolean;
  readonly diagnosis: (Diagnosis & { readonly correct: boolean }) | null;
  readonly alerts: {
    /** What the pager said first, and how long after the first request had failed. */
    readonly page: string | null;
    readonly secondsFromFirstFailure: number | null;
    readonly fired: readonly string[];
    readonly falsePages: readonly string[];
    /** Everything fired that must, and nothing that must not. */
    readonly asExpected: boolean;
  };
  /** Steps that hurt users by measure, that put the faulty version back, or that were done to what a false lead points at. */
  readonly wrongActions: readonly string[];
  readonly wrongBecause: readonly WrongAction[];
  readonly minutesOnFalseLeads: number;
  readonly hints: number;
  /** False: what was done to the lab could not all be put back, so it was done past the lab. Told when the reset is over. */
  readonly resetEqual?: boolean;
}

/** What a drill came to, from nothing but its state and the scenario at its pace (default drill). */
export function resultOf(
  state: DrillState,
  scenario: Scenario,
  pace: PaceSet = paceOf(scenario, "drill"),
): Result {
  const seconds = (at: number | null): number | null =>
    at === null || state.changedAt === null ? null : Math.round((at - state.changedAt) / 100) / 10;
  const { minutes, impactRatio, status } = scenario.report;
  const verdict = state.diagnosis && judgeDiagnosis(state.diagnosis, scenario.diagnosis);
  const decisive = decisiveAct(state);
  const wrong = wrongActions(state, scenario);
  const check = state.checks.at(-1)?.ok === true ? "OK" : "NO";
  const lost = state.userMinutesLostPer1000 ?? 0;
  return {
    scenario: scenario.id,
    alias: scenario.alias,
    reported: { impactRatio, status, minutes: minutes.restore },
    measured: {
      failedRequestRatio: state.impact?.failedRequestRatio ?? 0,
      affectedUserRatio: state.impact?.affectedUserRatio ?? 0,
      statuses: state.impact?.statuses ?? {},
      secondsToDetect: seconds(state.pagedAt),
      secondsToIdentify: verdict?.correct ? seconds(state.diagnosis?.at ?? null) : null,
      secondsToMitigate: seconds(decisive?.begunAt ?? state.wellSince),
      secondsToRestore: seconds(restoredAt(state, decisive)),
      userMinutesLostPer1000: lost,
      projectedUserMinutesLostPer1000: check === "OK" ? lost : lost + stillToLose(state, scenario, pace),
    },
    inBand: state.impact?.inBand ?? false,
    impactSettled: state.impact === null || state.impactSettled,
    check,
    durable: state.durable ?? false,
    diagnosis:
      state.diagnosis && verdict
        ? {
            component: state.diagnosis.component,
            mechanism: state.diagnosis.mechanism,
            scope: state.diagnosis.scope,
            correct: verdict.correct,
          }
        : null,
    alerts: alertsOf(state, scenario),
    wrongActions: wrong.map(({ action }) => action),
    wrongBecause: wrong,
    minutesOnFalseLeads: falseLeadMinutes(state, scenario),
    hints: state.hints,
  };
}

/** What users would lose from a drill's end on until the report's team had them well. */
function stillToLose(
  { changedAt, endingAt, impact, impactSettled }: DrillState,
  { report }: Scenario,
  { timing }: PaceSet,
): number {
  if (changedAt === null || endingAt === null) return 0;
  const leftMs = changedAt + report.minutes.restore * timing.reportMinuteMs - endingAt;
  const affected = impact && impactSettled ? impact.affectedUserRatio : report.impactRatio;
  return Math.round((affected * 1000 * Math.max(0, leftMs)) / 6000) / 10;
}

function alertsOf(
  { page, pagedAt, firstFailureAt, fired, falsePages }: DrillState,
  { alerts: { mustFire, mustNotFire } }: Scenario,
): Result["alerts"] {
  return {
    page: page?.alert ?? null,
    secondsFromFirstFailure:
      pagedAt === null || firstFailureAt === null ? null : Math.round((pagedAt - firstFailureAt) / 100) / 10,
    fired,
    falsePages,
    asExpected:
      falsePages.length === 0 &&
      mustFire.every((name) => fired.includes(name)) &&
      !mustNotFire.some((name) => fired.includes(name)),
  };
}

function restoredAt({ wellSince }: DrillState, decisive: Acted | undefined): number | null {
  return wellSince === null ? null : Math.max(wellSince, decisive?.begunAt ?? wellSince);
}

/** A glance refutes a false lead, and is good work; what is longer follows it. */
const GLANCE_MS = 20_000;

/**
 * Time from each look at or act on a false lead's subject to the next look or act, over the time of the incident, less a
 * glance for each look.
 */
function falseLeadMinutes(
  { looks, acts, wellSince, endingAt }: DrillState,
  { falseLeads }: Scenario,
): number {
  const misleading = new Set(falseLeads.flatMap(({ subjects }) => subjects));
  const end = wellSince ?? endingAt ?? looks.at(-1)?.at ?? 0;
  let ms = 0;
  looks.forEach(({ at, subject }, i) => {
    if (!misleading.has(subject)) return;
    const glance = acts.some((act) => act.at === at) ? 0 : GLANCE_MS;
    ms += Math.max(0, Math.min(looks[i + 1]?.at ?? end, end) - at - glance);
  });
  return Math.round(ms / 6000) / 10;
}
