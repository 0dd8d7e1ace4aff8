import { sleep } from "../../runtime/clock.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Diagnosis, Mechanism } from "../../scenarios/diagnosis.ts";
import type { StatusView } from "../trainee/views.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import { awaitPage } from "./page.ts";
import { DRILL_TEMPO, type Responder } from "./responder.ts";

/** Something that looks guilty, and what is done to it. */
interface Lead {
  readonly says: string;
  readonly unit: string;
  readonly does: readonly Action[];
  readonly mechanism: Mechanism;
}

/** A lead is read up on for this long before anything is done about it, and watched as long afterwards. */
const HALF_A_LEAD_MINUTES = 6;
const SICK_RATIO = 0.05;
const LOG_LINES = 40;

/**
 * Follows every false lead to its end, in the order in which people take them: servers that fail, the last deployment,
 * the database, the application everywhere. It never suspects what stands in front of them.
 */
export const followFalseLeads: Responder = async (trainee, options) => {
  const { clock, signal, say, tempo = DRILL_TEMPO } = options;
  if (!(await awaitPage(trainee, options))) return true;
  const read = (): Promise<void> => sleep(clock, HALF_A_LEAD_MINUTES * tempo.minuteMs, signal);
  for (const lead of leadsIn(await trainee.status(), await trainee.changes())) {
    say(lead.says);
    await trainee.logs({ unit: lead.unit, lines: LOG_LINES });
    await read();
    const suspicion: Diagnosis = { component: lead.unit, mechanism: lead.mechanism, scope: "everyone" };
    await trainee.diagnose(suspicion);
    for (const step of lead.does) await trainee.act(step);
    await read();
    if ((await trainee.check()).ok) return true;
  }
  say("there are no leads left");
  return false;
};

function leadsIn(status: StatusView, changes: readonly ChangeEntry[]): Lead[] {
  const isDatabase = (unit: string): boolean => /database|db/.test(unit);
  const restarted = (unit: string): Action => ({ do: "unit restart", unit });
  const backends = status.units.filter(({ program }) => program === "backend").map(({ name }) => name);
  const sick = status.backends.filter(
    ({ failedRatio, restarts }) => failedRatio > SICK_RATIO || restarts > 0,
  );
  const undone = (kind: ChangeEntry["kind"]): ChangeEntry[] =>
    changes.filter((change) => change.kind === kind && change.subjects.length > 0).reverse();
  const applications = backends.filter((unit) => !isDatabase(unit));
  return [
    ...sick.map(({ backend }): Lead => ({
      says: `${backend} fails: a bug in it, or it has run hot`,
      unit: backend,
      does: [restarted(backend)],
      mechanism: "backend-bug",
    })),
    ...undone("deploy").map(({ id, summary, subjects: [unit = ""] }): Lead => ({
      says: `it began after a deployment (${summary}): taken back`,
      unit,
      does: [{ do: "change revert", change: id }],
      mechanism: "bad-deployment",
    })),
    ...undone("tune").map(({ id, summary, subjects: [unit = ""] }): Lead => ({
      says: `${unit} was given more to do (${summary}): taken back`,
      unit,
      does: [{ do: "change revert", change: id }],
      mechanism: isDatabase(unit) ? "database-slow" : "backend-bug",
    })),
    ...backends.filter(isDatabase).map((unit): Lead => ({
      says: `${unit} may hold everything up: restarted`,
      unit,
      does: [restarted(unit)],
      mechanism: "database-slow",
    })),
    ...applications.slice(0, 1).map((unit): Lead => ({
      says: "the application's code is searched, and all of it restarted",
      unit,
      does: applications.map(restarted),
      mechanism: "backend-bug",
    })),
  ];
}
