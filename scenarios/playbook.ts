import type { Action } from "./action.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { PaceName, Scenario } from "./scenario.ts";

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
  /** The right fix of this name, in place of `does`: a configuration is written for each pace. */
  readonly fix?: string;
}

/** The playbook of a report as it is gone by at a pace, every fix in it spelt out. */
export const playbookAt = ({ report, paces }: Scenario, pace: PaceName): PlaybookStep[] =>
  report.playbook.map(({ fix, ...step }) =>
    fix === undefined
      ? step
      : { ...step, does: paces[pace].rightFixes.find(({ name }) => name === fix)?.steps ?? [] },
  );
