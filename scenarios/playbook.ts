import type { Action } from "./action.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** What somebody looks at, in the words of the command line. */
export type Look =
  | "status"
  | "units"
  | "ports"
  | "changes"
  | "alerts"
  | "config"
  | `logs ${string}`
  | `metrics ${string}`;

/** One step of the report's own team. */
export interface PlaybookStep {
  /** Minutes from the beginning of the outage, by the report, or by what `says` says of it. */
  readonly minute: number;
  readonly says: string;
  readonly looks?: readonly Look[];
  readonly diagnosis?: Diagnosis;
  readonly does?: readonly Action[];
}
