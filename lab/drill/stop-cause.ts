import { CodedError, type ErrorCode } from "../../runtime/errors.ts";

/** Why a drill came to no result, by code. */
const STOP_CAUSES = {
  interrupted: "somebody interrupted it",
  down: "the lab was taken down",
  journal: "its journal was lost or could not be written",
  "no-impact": "users did not feel the change",
  "not-started": "the lab did not come up",
  "not-steady": "users were not well to begin with",
  change: "the change could not be made",
  instruments: "what it is judged by failed or was touched",
  lab: "the lab itself failed",
} as const;
export type StopCause = keyof typeof STOP_CAUSES;

/** What ends a drill without a result, with its cause as data. */
export class DrillStopped extends CodedError {
  readonly because: StopCause;

  constructor(
    code: Extract<ErrorCode, "DRILL_REFUSED" | "DRILL_VOID">,
    because: StopCause,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.because = because;
  }
}

export const stopCauseOf = (error: unknown, otherwise: StopCause): StopCause =>
  error instanceof DrillStopped ? error.because : otherwise;
