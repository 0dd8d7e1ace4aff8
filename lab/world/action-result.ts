import type { Finding } from "../../lb/config/lint/lint.ts";
import type { ErrorCode } from "../../runtime/errors.ts";

/** What an act came to. */
export interface ActionResult {
  readonly ok: boolean;
  readonly message: string;
  /** Why it was refused, where that has a name of its own. */
  readonly code?: ErrorCode;
  /** What is wrong in a configuration, place by place: what keeps it from being taken, or may be said against one that was. */
  readonly findings?: readonly Finding[];
}
