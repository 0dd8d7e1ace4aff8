import { describeAction, type Action } from "../../scenarios/action.ts";
import { isDriller, type Actor } from "../trainee/actor.ts";
import type { ChangeLog } from "./change-log.ts";
import type { ActionResult, ChangeEntry } from "./world.ts";

type Act = (step: Action, by: Actor) => Promise<ActionResult>;

export interface NotedActsDeps {
  readonly changes: ChangeLog;
  /** The balancer's file as it is now. */
  readonly configText: () => string;
  readonly apply: (yaml: string, author: string, reason: string) => Promise<ActionResult>;
}

/**
 * Acts of which those of a measure or the instructor stand in the change log: whoever drills knows their own acts, and
 * looks there for what others did.
 */
export function notedActs(act: Act, { changes, configText, apply }: NotedActsDeps): Act {
  return async (step, by) => {
    if (isDriller(by)) return act(step, by);
    const before = configText();
    const result = await act(step, by);
    if (!result.ok) return result;
    const about = { by, summary: describeAction(step), ...subjectsOf(step, changes.entries) };
    const isConfig = about.kind === "config" && configText() !== before;
    changes.add({ ...about, detail: result.message }, async () =>
      isConfig
        ? apply(before, by, `${about.summary} is taken back`)
        : { ok: false, message: `${about.summary} cannot be taken back from here: do the opposite` },
    );
    return result;
  };
}

/** What kind of change an act is, and what it is done to, in the change log's words. */
function subjectsOf(step: Action, entries: readonly ChangeEntry[]): Pick<ChangeEntry, "kind" | "subjects"> {
  switch (step.do) {
    case "config apply":
    case "config rollback":
      return { kind: "config", subjects: ["balancer"] };
    case "package uninstall":
      return { kind: "package", subjects: [step.package] };
    case "change revert": {
      const reverted = entries.find(({ id }) => id === step.change);
      return { kind: reverted?.kind ?? "config", subjects: reverted?.subjects ?? [] };
    }
    case "upstream drain":
    case "upstream enable":
    case "upstream weight":
      return { kind: "tune", subjects: [step.upstream] };
    case "unit config":
      return { kind: "tune", subjects: [step.unit] };
    case "unit start":
    case "unit stop":
    case "unit restart":
    case "unit kill":
    case "unit enable":
    case "unit disable":
      return { kind: "restart", subjects: [step.unit] };
  }
}
