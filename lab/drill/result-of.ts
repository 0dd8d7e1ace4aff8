import { paceOf, type PaceSet, type Scenario } from "../../scenarios/scenario.ts";
import { judgeDiagnosis } from "../judge/diagnosis.ts";
import { decisiveAct } from "./decisive-act.ts";
import { falseLeadMinutes } from "./false-leads.ts";
import { outcomeOf } from "./outcome.ts";
import type { Result } from "./result.ts";
import type { Acted, DrillState } from "./state.ts";
import { wrongActions } from "./wrong-actions.ts";

/** A drill's result, from nothing but its state and the scenario at its pace (default drill). */
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
    ...(decisive?.by === undefined || decisive.own ? {} : { restoredBy: decisive.by }),
    ...(check === "OK" ? outcomeOf(state) : {}),
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
