import type { ConfigStore } from "../../lb/config/store.ts";
import { describeAction, type Action } from "../../scenarios/action.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ProposedChange } from "./change-gate.ts";
import type { ChangeEntry } from "./change-entry.ts";

/** An act as a change, in the change log's words. */
export function changeOf(
  step: Action,
  by: Actor,
  { store, changes }: { readonly store: ConfigStore; readonly changes: readonly ChangeEntry[] },
): ProposedChange {
  const before = textNow(store);
  const after = textAfter(step, store);
  return {
    ...kindOf(step, changes),
    by,
    summary: describeAction(step),
    isAct: true,
    ...(before === undefined || after === undefined ? {} : { config: { before, after } }),
  };
}

/** What kind of change an act is, and what it is done to. */
export function kindOf(
  step: Action,
  changes: readonly ChangeEntry[],
): Pick<ChangeEntry, "kind" | "subjects"> {
  switch (step.do) {
    case "config apply":
    case "config rollback":
    case "config promote":
    case "config abort":
    case "config propose":
    case "config approve":
    case "config reject":
    case "config freeze":
    case "config thaw":
      return { kind: "config", subjects: ["balancer"] };
    case "package uninstall":
      return { kind: "package", subjects: [step.package] };
    case "change revert": {
      const reverted = changes.find(({ id }) => id === step.change);
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

/** The balancer's configuration as it is now; undefined where its file cannot be read. */
export function textNow(store: ConfigStore): string | undefined {
  try {
    return store.read().yaml;
  } catch {
    // The file was removed or made unreadable: what an act changes in it cannot be known.
    return undefined;
  }
}

/** The balancer's configuration after the act; undefined where it does not change, or the act will be refused. */
function textAfter(step: Action, store: ConfigStore): string | undefined {
  if (step.do === "config apply") return step.yaml;
  if (step.do !== "config rollback") return undefined;
  try {
    return store.earlier(step.version).yaml;
  } catch {
    // There is no such version: the act itself reports that.
    return undefined;
  }
}
