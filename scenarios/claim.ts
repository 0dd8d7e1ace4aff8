import type { Expectation } from "./scenario.ts";

type FigureName = Expectation["figure"];

/** Moments of a run that a report states. */
export type Moment =
  | { readonly at: "change" | "first failure" | "page" }
  /** The first time that an alert of this name fires. */
  | { readonly at: "alert"; readonly alert: string }
  | { readonly at: "first action" | "last action" }
  /** The beginning of the time in which users are well for good. */
  | { readonly at: "users well" };

/** The figure of a run that is compared with a report. */
export type Measure =
  /** A figure of the impact, one of those that the pace expects. */
  | { readonly of: "figure"; readonly figure: FigureName; readonly route?: string }
  /** The most frequent failing answer that users got. */
  | { readonly of: "answer" }
  /** Minutes from the beginning of the outage. */
  | { readonly of: "minute"; readonly moment: Moment }
  /** Minutes from one moment to another. */
  | { readonly of: "minutes"; readonly from: Moment; readonly to: Moment };

/** Both ends included; or the accepted answers. */
export type ClaimBand =
  | { readonly min?: number; readonly max?: number }
  | { readonly oneOf: readonly string[] };

/** One statement of a report, and the result that it requires here. */
export interface Claim {
  /** As a short sentence. */
  readonly name: string;
  /** `emergent`: the mechanism makes it true. `scripted`: the timetable of the report's own team does. */
  readonly kind: "emergent" | "scripted";
  readonly reported: number | string;
  readonly measure: Measure;
  readonly band: ClaimBand;
  /** Not in the report: a figure of ours, which is shown and does not score. */
  readonly ours?: true;
  /** The reading of the report's words, where there is more than one. */
  readonly interpretation?: string;
  /** It cannot hold: the claim of the contradiction in the report that explains why. */
  readonly contradicted?: string;
}

/** A share may be three points off. */
export const shareBand = (reported: number): ClaimBand => ({
  min: rounded(reported - 0.03),
  max: rounded(Math.min(1, reported + 0.03)),
});

/** A duration may be a tenth off, or a minute where that is more. */
export const minutesBand = (reported: number): ClaimBand => {
  const off = Math.max(1, reported / 10);
  return { min: rounded(reported - off), max: rounded(reported + off) };
};

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** The claim that the pager rings in the minute in which the outage begins. */
export const pagesAtOnce: Claim = {
  name: "the pager rings as the outage begins",
  kind: "emergent",
  reported: 0,
  measure: { of: "minute", moment: { at: "page" } },
  band: minutesBand(0),
};

/** The claim that this alert fires as the outage begins. */
export const alertsAtOnce = (name: string, alert: string): Claim => ({
  name,
  kind: "emergent",
  reported: 0,
  measure: { of: "minute", moment: { at: "alert", alert } },
  band: minutesBand(0),
});

/** The claim of the time from the last repair until users are well. */
export const tailOf = (minutes: number): Claim => ({
  name: "from the last repair until users are well",
  kind: "emergent",
  reported: minutes,
  measure: { of: "minutes", from: { at: "last action" }, to: { at: "users well" } },
  band: minutesBand(minutes),
});

/** The claim of the outage's duration: the team's timetable, and the tail after it. */
export const lasts = (minutes: number): Claim => ({
  name: "the outage lasts",
  kind: "scripted",
  reported: minutes,
  measure: { of: "minute", moment: { at: "users well" } },
  band: minutesBand(minutes),
});
