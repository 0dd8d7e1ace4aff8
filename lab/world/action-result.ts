import type { Finding } from "../../lb/config/lint/lint.ts";
import type { ErrorCode } from "../../runtime/errors.ts";

/** The result of an act. */
export interface ActionResult {
  readonly ok: boolean;
  readonly message: string;
  /** Why it was refused, where that has a code of its own. */
  readonly code?: ErrorCode;
  /** Findings about a configuration: the errors that it was refused for, or lint's remarks on one that was taken. */
  readonly findings?: readonly Finding[];
}
