import { CodedError } from "../../../runtime/errors.ts";
import { pastDrills, type PastDrill } from "../../drill/past-drills.ts";
import { recordOf, type DrillRecord } from "../../drill/record.ts";
import type { Result } from "../../drill/result.ts";
import { stateOf } from "../../drill/state.ts";
import { runRoot } from "../../world/run/run-dir.ts";
import { runningLabs } from "../../world/run/running-labs.ts";
import { basesIn } from "../settings.ts";

/** A past drill as the history has it. Aliases only: what it was is for its debrief. */
export interface HistoryEntry {
  readonly drill: string;
  readonly alias: string;
  readonly trainee: string | null;
  readonly attempt: number | null;
  readonly world: string | null;
  /** ISO 8601. */
  readonly begun: string;
  readonly seconds: number | null;
  readonly outcome:
    | "prevented"
    | "caught"
    | "lasts"
    | "mitigated"
    | "not solved"
    | "refused"
    | "void"
    | "killed"
    | "running";
  /** Why it came to no result. */
  readonly because: string | null;
  readonly hints: number;
  readonly wrongActions: number | null;
  /** False: its journal was altered or is torn. */
  readonly whole: boolean;
}

/** Every drill that was recorded here, oldest first. */
export function historyOf(home: string): readonly HistoryEntry[] {
  const running = runningDrills(home);
  return pastDrills(home).map(({ id, path, found }) => {
    const record = recordOf(found.lines, { path, head: found.head });
    const { result, hints } = stateOf(found.lines);
    return {
      drill: id,
      alias: record.alias,
      trainee: record.trainee,
      attempt: record.attempt,
      world: record.world,
      begun: record.begun,
      seconds: record.seconds,
      outcome: outcomeOf(record, result, running.has(id)),
      because: record.stopped?.because ?? null,
      hints,
      wrongActions: result?.wrongActions.length ?? null,
      whole: found.damage === undefined && !found.torn,
    };
  });
}

/** Aliases of the incidents that this trainee has repaired for good. */
export const solvedBy = (trainee: string, home: string): ReadonlySet<string> =>
  new Set(
    historyOf(home)
      .filter((entry) => entry.trainee === trainee && entry.outcome === "lasts")
      .map(({ alias }) => alias),
  );

function runningDrills(home: string): ReadonlySet<string | undefined> {
  return new Set(runningLabs(basesIn(home).map((base) => runRoot(home, base))).map(({ drill }) => drill));
}

function outcomeOf(
  { state }: DrillRecord,
  result: Result | null,
  isRunning: boolean,
): HistoryEntry["outcome"] {
  if (state === "unfinished") return isRunning ? "running" : "killed";
  if (state !== "ended") return state;
  if (result?.outcome !== undefined) return result.outcome;
  if (result?.check !== "OK") return "not solved";
  return result.durable ? "lasts" : "mitigated";
}

/** The drill that is meant by its id or by how that begins; without one, the last. Throws CodedError NOT_FOUND or USAGE. */
export function drillGiven(given: string | undefined, home: string): PastDrill {
  const all = pastDrills(home);
  const matching = given === undefined ? all.slice(-1) : all.filter(({ id }) => id.startsWith(given));
  const [only, another] = matching;
  if (only === undefined)
    throw new CodedError(
      "NOT_FOUND",
      given === undefined ? `no drill was recorded in ${home}` : `there is no drill "${given}" in ${home}`,
      { hint: "npx lblab drill list shows what there is" },
    );
  if (another !== undefined && only.id !== given)
    throw new CodedError("USAGE", `"${given}" may be ${matching.map(({ id }) => id).join(" or ")}`);
  return only;
}
