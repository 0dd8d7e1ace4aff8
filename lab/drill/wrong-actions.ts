import type { Scenario } from "../../scenarios/scenario.ts";
import { percent } from "../judge/well.ts";
import { decisiveAct } from "./decisive-act.ts";
import type { JournalLine } from "./events.ts";
import type { Harm } from "./harm-meter.ts";
import { isOwn, type Acted, type DrillState } from "./state.ts";
import type { WrongAction } from "./wrong-action.ts";

export interface Weighed {
  /** By when a step was begun. */
  readonly harms: ReadonlyMap<number, Harm>;
  /** See `faultyVersions`. */
  readonly faulty: ReadonlySet<string>;
}

/**
 * Own steps of the trainee that hurt users by measure, or put the faulty configuration back. The one after which users
 * were well is neither.
 */
export function weighed(
  state: DrillState,
  lines: readonly JournalLine[],
  { harms, faulty }: Weighed,
): WrongAction[] {
  const decisive = decisiveAct(state);
  return lines.flatMap((line): WrongAction[] => {
    if ((line.event !== "acted" && line.event !== "noticed") || !line.ok || !isOwn(line)) return [];
    const begunAt = Date.parse(line.at) - line.ms;
    if (decisive?.begunAt === begunAt) return [];
    const { action } = line;
    const at = new Date(begunAt).toISOString();
    const harm = harms.get(begunAt);
    if (harm)
      return [
        {
          at,
          action,
          because: "hurt-users",
          detail: `${percent(harm.after)} of requests failed after it, ${percent(harm.before)} before`,
        },
      ];
    if (line.config && faulty.has(line.config.after))
      return [{ at, action, because: "faulty-version", detail: "it puts a version of the change back" }];
    return [];
  });
}

/** All wrong actions, in order: those that were weighed, and those on what a false lead points at. */
export function wrongActions({ acts, wrong }: DrillState, { falseLeads }: Scenario): WrongAction[] {
  const lead = (act: Acted): WrongAction | undefined => {
    // One that was refused changed nothing: a slip of the finger is no wrong turn.
    const found =
      act.ok && act.own ? falseLeads.find(({ subjects }) => subjects.includes(act.subject)) : undefined;
    return (
      found && {
        at: new Date(act.begunAt).toISOString(),
        action: act.action,
        because: "false-lead",
        detail: `"${found.looksLike}": ${found.refutedBy}`,
      }
    );
  };
  return acts.flatMap(
    (act) =>
      lead(act) ??
      wrong.filter(({ at, action }) => Date.parse(at) === act.begunAt && action === act.action).slice(0, 1),
  );
}
