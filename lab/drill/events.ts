import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { MeasuredImpact } from "../judge/impact.ts";
import type { AlertTransition } from "../observe/rules/alert.ts";
import type { Result } from "./result.ts";

/** What happens in a drill, in order; each is one line of its journal. Nothing here names the scenario before the end. */
export type DrillEvent =
  | {
      readonly event: "created";
      readonly drill: string;
      readonly alias: string;
      readonly seed: number;
      /** The scenario's id, unreadable by accident. */
      readonly sealed: string;
      readonly timeLimitMs: number | null;
    }
  | {
      readonly event: "steady";
      readonly requestsPerSecond: number;
      readonly p95Ms: Readonly<Record<string, number>>;
    }
  | { readonly event: "changed" }
  | {
      readonly event: "impact";
      readonly failedRatio: number;
      readonly affectedRatio: number;
      /** When the first of the requests was sent that failed after the change. */
      readonly firstFailureAt: string;
    }
  /** A step in an alert's life; `severity` is `page` or `inform`. */
  | {
      readonly event: "alert";
      readonly alert: string;
      readonly severity: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly from: AlertTransition["from"];
      readonly to: AlertTransition["to"];
    }
  | { readonly event: "paged"; readonly alert: string; readonly summary: string }
  /** The pager tells of an alert again that nobody has acknowledged. */
  | { readonly event: "reminded"; readonly alert: string; readonly summary: string }
  /** The pager told of an alert that wakes nobody up. */
  | { readonly event: "informed"; readonly alert: string; readonly summary: string }
  | { readonly event: "acknowledged"; readonly alerts: readonly string[]; readonly by: string }
  | { readonly event: "looked"; readonly subject: string }
  | {
      readonly event: "acted";
      readonly action: string;
      readonly subject: string;
      readonly ok: boolean;
      readonly message: string;
      /** How long it took; the line is written when it is over. */
      readonly ms: number;
    }
  | { readonly event: "hinted"; readonly hint: number }
  | { readonly event: "diagnosed"; readonly diagnosis: Diagnosis }
  /** Asked for, or, after `ending`, the judge's own: the last one counts. */
  | { readonly event: "checked"; readonly ok: boolean; readonly felt: readonly string[] }
  /** Users are well again, or not any more, by the prober. `since` is the start of the first such window. */
  | { readonly event: "users"; readonly well: boolean; readonly since: string }
  | { readonly event: "ending"; readonly reason: "asked" | "time-limit" | "solved" }
  | { readonly event: "restarted"; readonly well: boolean; readonly seconds: number }
  | { readonly event: "measured"; readonly impact: MeasuredImpact; readonly userMinutesLostPer1000: number }
  | { readonly event: "debriefed"; readonly result: Result }
  | {
      readonly event: "reset";
      readonly equal: boolean;
      readonly ms: number;
      readonly differences: readonly string[];
    }
  | { readonly event: "refused"; readonly reason: string }
  | { readonly event: "void"; readonly reason: string };

/** A line of the journal: numbered without a gap, with its time in ISO 8601 UTC. */
export type JournalLine = { readonly seq: number; readonly at: string } & DrillEvent;
