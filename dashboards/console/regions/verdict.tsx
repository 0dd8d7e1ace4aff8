import type { ComponentChildren } from "preact";
import type { Debrief } from "../../../lab/trainee/debrief.ts";
import { DRILL_TIMING } from "../../../scenarios/timing.ts";
import { duration } from "./drill-figures.ts";

const Figure = ({
  name,
  value,
  tone,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly tone?: "ok" | "bad";
  readonly children: ComponentChildren;
}) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <b class={tone}>{value}</b>
      <span class="soft">{children}</span>
    </dd>
  </div>
);

/** The drill in five figures, each beside what it is held against. */
export function Verdict({ debrief: { result, incident } }: { readonly debrief: Debrief }) {
  const { check, durable, measured, diagnosis, minutesOnFalseLeads, wrongActions, hints, restoredBy } =
    result;
  const { outcome, outcomeBy } = result;
  const { report } = incident;
  const { secondsToRestore: restore, secondsToDetect: detect } = measured;
  const theirs = Math.round((report.userMinutesLostPer1000 * DRILL_TIMING.reportMinuteMs) / 60_000);
  const verdict = check === "NO" ? "NO" : durable ? "OK, and it lasts" : "OK, for now";
  const because =
    check === "NO"
      ? "users were not well at the end"
      : durable
        ? "after all units were restarted"
        : "after a restart of all units users were not well";
  return (
    <dl class="hero">
      {outcome === undefined ? (
        <Figure name="verdict" value={verdict} tone={check === "OK" ? "ok" : "bad"}>
          {restoredBy === undefined ? because : `${because}; ${restoredBy} restored it`}
        </Figure>
      ) : (
        <Figure name="verdict" value={outcome === "prevented" ? "Prevented" : "Caught"} tone="ok">
          {outcomeBy}{" "}
          {outcome === "prevented" ? "refused the change, and no user was hurt" : "undid the change"}; there
          was nothing to pass or to fail
        </Figure>
      )}
      <Figure name="lost, user-minutes per 1,000" value={measured.userMinutesLostPer1000.toFixed(0)}>
        the report's team: {theirs} ({report.userMinutesLostPer1000.toLocaleString("en")}, a minute as a
        second)
      </Figure>
      <Figure
        name="paged → repaired"
        value={
          outcome === "prevented" && detect === null
            ? "nobody paged"
            : restore === null
              ? "not reached"
              : duration(restore - (detect ?? 0))
        }
      >
        report: {report.minutes.restore ?? "no"} min
      </Figure>
      <Figure
        name="diagnosis"
        value={diagnosis === null ? "none" : diagnosis.correct ? "right" : "not right"}
      >
        {diagnosis === null
          ? "nobody said what it was"
          : `${diagnosis.component} · ${diagnosis.mechanism} · ${diagnosis.scope}`}
      </Figure>
      <Figure name="on false leads" value={`${minutesOnFalseLeads.toFixed(1)} min`}>
        {wrongActions.length} wrong {wrongActions.length === 1 ? "action" : "actions"}, {hints}{" "}
        {hints === 1 ? "hint" : "hints"}
      </Figure>
    </dl>
  );
}
