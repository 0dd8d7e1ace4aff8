import type { JournalLine, Step } from "../drill/events.ts";
import type { Result } from "../drill/result.ts";
import { isDriller } from "../trainee/actor.ts";

/**
 * What a digest covers of a drill's line: times, numbers, names and codes, never prose, so that words can change and an
 * older digest still holds. Each fact is listed, so that a key which a later lab adds changes no digest by itself.
 * Undefined for a line that only sums up.
 */
export function digestFacts(line: JournalLine): readonly unknown[] | undefined {
  switch (line.event) {
    case "created":
      return [line.event, line.alias, line.seed, line.timeLimitMs];
    case "changed":
    case "resumed":
      return [line.event];
    case "steady":
      return [line.event, line.requestsPerSecond, line.p95Ms];
    case "impact":
      return [line.event, line.failedRatio, line.affectedRatio, line.firstFailureAt];
    case "alert":
      return [line.event, line.alert, line.severity, line.labels, line.from, line.to];
    case "paged":
    case "reminded":
    case "informed":
      return [line.event, line.alert];
    case "acknowledged":
      return [line.event, line.alerts];
    case "looked":
      return [line.event, line.subject];
    case "acted":
    case "noticed":
      return [line.event, ...factsOfStep(line)];
    case "prevented":
    case "held":
      return [line.event, line.by, line.kind, line.author, line.subjects, line.isAct];
    case "caught":
      return [line.event, line.by, line.kind, line.author, line.subjects, line.change];
    case "suspected":
      return [
        line.event,
        line.by,
        line.change ?? null,
        line.upstream ? [line.upstream.pool, line.upstream.name] : null,
        line.unit ?? null,
      ];
    case "hinted":
      return [line.event, line.hint];
    case "diagnosed": {
      const { component, mechanism, scope } = line.diagnosis;
      return [line.event, component, mechanism, scope];
    }
    case "checked":
      return [line.event, line.ok];
    case "users":
      return [line.event, line.well, line.since];
    case "ending":
      return [line.event, line.reason];
    case "restarted":
      return [line.event, line.well, line.seconds];
    case "measured": {
      const { failedRequestRatio, affectedUserRatio, statuses, seconds, figures } = line.impact;
      const measured = figures.map((figure) => [figure.measured, figure.inBand]);
      return [
        line.event,
        failedRequestRatio,
        affectedUserRatio,
        statuses,
        seconds,
        measured,
        line.userMinutesLostPer1000,
      ];
    }
    case "assessed":
      return undefined;
    case "debriefed":
      return [line.event, ...factsOfResult(line.result)];
    case "reset":
      return [line.event, line.equal, line.ms, line.differences.length];
    case "refused":
    case "void":
      return [line.event, line.because];
  }
}

/** Without who drills: a person's drill and its replay have one digest. */
const factsOfStep = ({ action, subject, ok, ms, by }: Step): readonly unknown[] => [
  action,
  subject,
  ok,
  ms,
  isDriller(by) ? null : by,
];

function factsOfResult(result: Result): readonly unknown[] {
  const { measured, alerts } = result;
  return [
    result.scenario,
    measured.failedRequestRatio,
    measured.affectedUserRatio,
    measured.statuses,
    measured.secondsToDetect,
    measured.secondsToIdentify,
    measured.secondsToMitigate,
    measured.secondsToRestore,
    measured.userMinutesLostPer1000,
    result.inBand,
    result.check,
    result.durable,
    result.diagnosis?.correct,
    alerts.page,
    alerts.secondsFromFirstFailure,
    alerts.fired,
    alerts.falsePages,
    alerts.asExpected,
    result.wrongActions,
    result.minutesOnFalseLeads,
    result.hints,
  ];
}
