import type { Action } from "./action.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { PaceName, Scenario } from "./scenario.ts";

/** A look of the team, in the words of the command line. */
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
  /** Minutes from the beginning of the outage, by the report, or by the text of `says`. */
  readonly minute: number;
  /** The report gives the step no time: the minute is ours. */
  readonly ours?: true;
  readonly says: string;
  readonly looks?: readonly Look[];
  readonly diagnosis?: Diagnosis;
  readonly does?: readonly Action[];
  /** The right fix of this name, in place of `does`: a configuration is written for each pace. */
  readonly fix?: string;
}

/** The text of a step: a minute of ours never passes for the report's. */
export const saidOf = ({ says, ours }: Pick<PlaybookStep, "says" | "ours">): string =>
  ours ? `${says} (the minute is ours)` : says;

/** The playbook of a report at a pace: with every fix's actions, and every minute of ours marked. */
export const playbookAt = ({ report, paces }: Scenario, pace: PaceName): PlaybookStep[] =>
  report.playbook.map(({ fix, ...step }) => {
    const right = paces[pace].rightFixes.find(({ name }) => name === fix);
    return { ...step, says: saidOf(step), ...(right ? { does: right.steps } : {}) };
  });
