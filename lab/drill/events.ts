import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { MeasuredImpact } from "../judge/impact.ts";
import type { AlertTransition } from "../observe/rules/alert.ts";
import type { Suspicion } from "../measures/measure.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { ConfigStep } from "./config-step.ts";
import type { Result } from "./result.ts";
import type { StopCause } from "./stop-cause.ts";
import type { WrongAction } from "./wrong-action.ts";

/** Of the lines that this lab writes. 1 had neither hashes nor a context. */
export const JOURNAL_SCHEMA = 2;

/** Who drills, and where: without it a record proves nothing. */
export interface DrillContext {
  /** The account on the operating system. */
  readonly user: string;
  /** The name that was given; else the account's. */
  readonly trainee: string;
  /** `live`, `docker` or `simulated`. */
  readonly world: string;
  /** Version of the lab. */
  readonly version: string;
  /** The how-manieth drill of this incident by this trainee, from 1. */
  readonly attempt: number;
}

/** An action, by the lab's own means or by others, as it was done. */
export interface Step {
  readonly action: string;
  readonly subject: string;
  readonly ok: boolean;
  readonly message: string;
  /** How long it took; the line is written when it is over. */
  readonly ms: number;
  /** An actor (`trainee`, `measure:canary`; `responder` in older records); of an outside step, the account as far as it can be known. */
  readonly by?: string;
  /** SHA-256 of the text that was applied; it is kept beside the journal. */
  readonly text?: string;
  /** What it changed of the balancer's configuration. */
  readonly config?: ConfigStep;
  /** Codes of what lint found in the configuration. */
  readonly findings?: readonly string[];
}

/** What a measure did about a change, or about an actor's act. */
export interface MeasureStep {
  /** `measure:NAME` */
  readonly by: string;
  readonly kind: ChangeEntry["kind"];
  /** Who made the change, or was about to: a team, or an actor. */
  readonly author: string;
  readonly subjects: readonly string[];
  readonly message: string;
}

/** What happens in a drill, in order; each is one line of its journal. Nothing here names the scenario before the end. */
export type DrillEvent =
  | ({
      readonly event: "created";
      readonly schemaVersion?: number;
      readonly drill: string;
      readonly alias: string;
      readonly seed: number;
      /** The scenario's id, unreadable by accident. */
      readonly sealed: string;
      readonly timeLimitMs: number | null;
      /** False: the change is left out. */
      readonly fault?: boolean;
      /** Where a scenario of somebody's own lies, unreadable by accident. */
      readonly sealedSource?: string;
    } & Partial<DrillContext>)
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
  /** An alert's change of state; `severity` is `page` or `inform`. */
  | {
      readonly event: "alert";
      readonly alert: string;
      readonly severity: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly from: AlertTransition["from"];
      readonly to: AlertTransition["to"];
    }
  | { readonly event: "paged"; readonly alert: string; readonly summary: string }
  /** The pager notifies again of an alert that nobody has acknowledged. */
  | { readonly event: "reminded"; readonly alert: string; readonly summary: string }
  /** The pager notified of an alert that does not page. */
  | { readonly event: "informed"; readonly alert: string; readonly summary: string }
  | { readonly event: "acknowledged"; readonly alerts: readonly string[]; readonly by: string }
  | { readonly event: "looked"; readonly subject: string }
  | ({ readonly event: "acted" } & Step)
  /** A measure refused a change, or an act (`isAct`). `findings` are codes. */
  | ({
      readonly event: "prevented";
      readonly isAct: boolean;
      readonly findings?: readonly string[];
    } & MeasureStep)
  /** A measure kept a change or an act waiting for so long (`ms`), by itself or for somebody's answer. */
  | ({ readonly event: "held"; readonly isAct: boolean; readonly ms: number } & MeasureStep)
  /**
   * A measure undid a change, by the number that it has in the change log. `nothingLeft`: configuration, packages and units'
   * settings were then as before the first one; absent in older records.
   */
  | ({ readonly event: "caught"; readonly change: string; readonly nothingLeft?: boolean } & MeasureStep)
  /** A measure names what it suspects; it has changed nothing. */
  | ({ readonly event: "suspected"; readonly by: string } & Suspicion)
  /** A step outside the lab's commands: by a signal, an editor, the balancer's own admin interface, another program. */
  | ({ readonly event: "noticed" } & Step)
  | { readonly event: "hinted"; readonly hint: number }
  | { readonly event: "diagnosed"; readonly diagnosis: Diagnosis }
  /** By the trainee, or, after `ending`, by the judge: the last one counts. */
  | { readonly event: "checked"; readonly ok: boolean; readonly felt: readonly string[] }
  /** Users are well again, or not any more, by the prober. `since` is the start of the first such window. */
  | { readonly event: "users"; readonly well: boolean; readonly since: string }
  | { readonly event: "ending"; readonly reason: EndReason }
  | { readonly event: "restarted"; readonly well: boolean; readonly seconds: number }
  /** The repair did not last, and the trainee goes on. */
  | { readonly event: "resumed" }
  | {
      readonly event: "measured";
      readonly impact: MeasuredImpact;
      readonly userMinutesLostPer1000: number;
      /** False: it ended before its impact had settled, and the figures say little. */
      readonly settled?: boolean;
    }
  /** What the actions did to users; written after the end. */
  | { readonly event: "assessed"; readonly wrong: readonly WrongAction[] }
  | { readonly event: "debriefed"; readonly result: Result }
  | {
      readonly event: "reset";
      readonly equal: boolean;
      readonly ms: number;
      readonly differences: readonly string[];
    }
  | { readonly event: "refused"; readonly reason: string; readonly because?: StopCause }
  | { readonly event: "void"; readonly reason: string; readonly because?: StopCause };

/** `prevented`, `caught`: a measure left nothing to do. */
export type EndReason = "asked" | "time-limit" | "solved" | "prevented" | "caught";

/** A line of the journal: numbered without a gap, with its time in ISO 8601 UTC. */
export type JournalLine = {
  readonly seq: number;
  readonly at: string;
  /** Hash of the line before; null in the first one, absent where lines are not kept on a disk. */
  readonly prev?: string | null;
} & DrillEvent;
