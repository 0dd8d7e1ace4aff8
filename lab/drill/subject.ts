import type { Action } from "../../scenarios/action.ts";
import type { Sight } from "../world/world.ts";

/** What an action is done to, as false leads name it: a unit, a package, or the kind of change that is reverted. */
export function subjectOf(step: Action, sight: Sight): string {
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
      return "config";
    case "package uninstall":
      return step.package;
    case "change revert":
      return sight.changes().find(({ id }) => id === step.change)?.kind ?? step.change;
    case "upstream drain":
    case "upstream enable":
    case "upstream weight":
      return `upstream ${step.upstream}`;
    case "unit start":
    case "unit stop":
    case "unit restart":
    case "unit kill":
    case "unit enable":
    case "unit disable":
    case "unit config":
      return step.unit;
  }
}
