import { CodedError } from "../../runtime/errors.ts";
import type { ReportFacts, Scenario } from "../../scenarios/scenario.ts";
import type { Drill } from "../drill/drill.ts";
import type { Result } from "../drill/result.ts";
import type { DrillTerms } from "./drill-terms.ts";

/** A drill's scenario and result: the only answer that names the incident, available only after the end. */
export interface Debrief {
  readonly schemaVersion: 1;
  readonly result: Result;
  readonly incident: Pick<Scenario, "id" | "alias" | "title" | "evidence" | "falseLeads" | "hints"> & {
    readonly report: Pick<
      ReportFacts,
      | "number"
      | "window"
      | "impact"
      | "impactRatio"
      | "status"
      | "minutes"
      | "userMinutesLostPer1000"
      | "timeline"
      | "contradictions"
      | "measures"
    >;
    /** The story, in Markdown; null where the lab has none. */
    readonly answer: string | null;
  };
}

/** Throws CodedError USAGE before the end. */
export function debriefOf({ state, scenario }: Drill, terms: DrillTerms | undefined): Debrief {
  const { phase, result } = state;
  if (phase !== "done" || result === null)
    throw new CodedError("USAGE", "the drill has not been debriefed", { hint: "npx lblab end finishes it" });
  const { id, alias, title, evidence, falseLeads, hints, report } = scenario;
  const { number, window, impact, impactRatio, status, minutes, timeline, contradictions, measures } = report;
  const { userMinutesLostPer1000 } = report;
  return {
    schemaVersion: 1,
    result,
    incident: {
      id,
      alias,
      title,
      evidence,
      falseLeads,
      hints,
      report: {
        number,
        window,
        impact,
        impactRatio,
        status,
        minutes,
        userMinutesLostPer1000,
        timeline,
        contradictions,
        measures,
      },
      answer: terms?.answer ?? null,
    },
  };
}
