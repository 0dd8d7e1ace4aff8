import { CodedError, messageOf } from "../../runtime/errors.ts";
import type { DrillEvent } from "./events.ts";
import type { DrillState } from "./state.ts";
import { stopCauseOf } from "./stop-cause.ts";

/** What the journal says of a drill that did not come to a result. */
export function failureOf(error: unknown, { steadyAt }: Pick<DrillState, "steadyAt">): DrillEvent {
  const reason = messageOf(error).trim();
  if (error instanceof CodedError && error.code === "DRILL_VOID")
    return { event: "void", reason, because: stopCauseOf(error, "instruments") };
  if (steadyAt === null) return { event: "refused", reason, because: stopCauseOf(error, "not-started") };
  const event = error instanceof CodedError && error.code === "DRILL_REFUSED" ? "refused" : "void";
  return { event, reason, because: stopCauseOf(error, "change") };
}

/** What the journal says of a drill that was interrupted with this reason. */
export function interruptionOf(why: unknown): DrillEvent {
  const isCoded = why instanceof CodedError;
  return {
    event: "void",
    reason: isCoded ? why.message : "interrupted",
    because: stopCauseOf(why, isCoded ? "instruments" : "interrupted"),
  };
}
