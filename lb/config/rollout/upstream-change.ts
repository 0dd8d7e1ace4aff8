import type { UpstreamChange } from "../../pool/pool-control.ts";
import type { PushTerms } from "../config-control.ts";
import type { ChangeNote } from "../store.ts";
import type { ChangeLog } from "./change-log.ts";
import type { Push, PushGate } from "./push.ts";

/** Who asks for a change of an upstream, why, and how. */
export interface UpstreamPush extends Pick<PushTerms, "by" | "environment" | "emergency"> {
  readonly note: ChangeNote;
}

export interface UpstreamChangeDeps {
  readonly gate: Pick<PushGate, "admit" | "refused" | "applied">;
  readonly changes: Pick<ChangeLog, "begun" | "note">;
  readonly balancer: { readonly version: number };
}

/** Runs a change of an upstream at run time when the guards let it pass, and writes it down. Throws PushRefused, and what `run` throws. */
export function createUpstreamChange({ gate, changes, balancer }: UpstreamChangeDeps) {
  return <T>(upstream: string, change: UpstreamChange, by: UpstreamPush, run: () => T): T => {
    const { note, ...terms } = by;
    const push: Push = { way: "upstream", note, ...terms };
    try {
      gate.admit(push);
    } catch (error) {
      gate.refused(push, error);
      throw error;
    }
    const made = run();
    const { weight, state } = change;
    if (changes.begun)
      changes.note({
        event: "upstream",
        upstream,
        author: note.author,
        ...(weight !== undefined && { weight }),
        ...(state !== undefined && { state }),
        ...(terms.emergency === true && { emergency: true }),
      });
    gate.applied(push, balancer.version);
    return made;
  };
}
