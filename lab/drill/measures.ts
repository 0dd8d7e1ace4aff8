import { sleep, type Cancel, type Clock } from "../../runtime/clock.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Measure, MeasureHooks, Ruling } from "../measures/measure.ts";
import { formatActor, parseActor, type Actor } from "../trainee/actor.ts";
import type { MadeChange, ProposedChange, Refusal } from "../world/change-gate.ts";
import type { ActionResult } from "../world/action-result.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { Snapshot, World } from "../world/world.ts";
import { rejectWhenAborted } from "./aborts.ts";
import { codesOf } from "./act-line.ts";
import type { Answered, HeldChanges } from "./held-changes.ts";
import { over } from "./ending.ts";
import type { Recorder } from "./recorder.ts";

/** The measures that are on in a drill. */
export interface Measures {
  /** The world has started: they watch from now on. */
  begin(): void;
  /** From now on no change is made without them. Resolves when what they may undo to is known. */
  guard(): Promise<void>;
  stop(): void;
}

export interface MeasuresDeps {
  /** Where changes wait that people may answer. */
  readonly held: HeldChanges;
  readonly measures: readonly Measure[];
  readonly world: Pick<World, "clock" | "sight" | "monitoring" | "snapshot" | "guardChanges">;
  readonly recorder: Pick<Recorder, "record" | "guarded">;
  readonly act: (step: Action, by: Actor) => Promise<ActionResult>;
}

interface Begun {
  readonly by: Actor;
  readonly hooks: MeasureHooks;
}

export function createMeasures({ measures, world, recorder, held, act }: MeasuresDeps): Measures {
  const { clock, sight, monitoring } = world;
  const { record, guarded } = recorder;
  const stopped = new AbortController();
  let begun: readonly Begun[] = [];
  let unguard: Cancel | undefined;
  /** As before the first change. */
  let unchanged: string | undefined;
  /** Tickets of changes that were refused, and who refused them: a team does not go on with a plan whose first step was. */
  const refusedTickets = new Map<string, Actor>();

  async function before(change: ProposedChange): Promise<Refusal | undefined> {
    for (const one of begun) {
      const refusal =
        plannedWith(change, refusedTickets) ??
        (await decided(one, change, { clock, held, signal: stopped.signal, record }));
      if (!refusal) continue;
      const ticket = ticketOf(change);
      if (ticket !== undefined) refusedTickets.set(ticket, refusal.by);
      const { by, message, findings } = refusal;
      record({ event: "prevented", by, ...about(change), message, ...codesOf(findings) });
      return refusal;
    }
    return undefined;
  }

  /** Performs a measure's act, and records the change that it undid. */
  async function acted(by: Actor, step: Action, undoes: ChangeEntry | undefined): Promise<ActionResult> {
    if (stopped.signal.aborted) return { ok: false, message: over().message };
    const result = await act(step, by).catch((error: unknown) => ({ ok: false, message: messageOf(error) }));
    if (!result.ok || !undoes || stopped.signal.aborted) return result;
    const nothingLeft = settingsIn(await world.snapshot()) === unchanged;
    if (stopped.signal.aborted) return result;
    const { id, kind, by: author, subjects } = undoes;
    record({ event: "caught", by, change: id, kind, author, subjects, message: result.message, nothingLeft });
    return result;
  }

  return {
    begin() {
      begun = measures.map((measure) => {
        const by = formatActor({ kind: "measure", name: measure.name });
        const hooks = measure.begin({
          clock,
          signal: stopped.signal,
          sight,
          monitoring,
          act: (step, undoes) => acted(by, step, undoes),
          suspect(suspicion) {
            if (!stopped.signal.aborted) record({ event: "suspected", by, ...suspicion });
          },
        });
        return { by, hooks };
      });
    },
    async guard() {
      if (begun.length === 0) return;
      unchanged = settingsIn(await world.snapshot());
      unguard = world.guardChanges({
        before,
        after: (change) => hearOf(change, begun, guarded),
      });
    },
    stop() {
      unguard?.();
      if (!stopped.signal.aborted) stopped.abort(over());
    },
  };
}

/** Measures hear of what others changed. */
function hearOf(change: MadeChange, begun: readonly Begun[], guarded: Recorder["guarded"]): void {
  if (change.isAct && parseActor(change.by)?.kind === "measure") return;
  for (const { hooks } of begun) guarded(() => hooks.after?.(change))();
}

/** What a change changes, and an undo puts back: neither which units run now nor an upstream's state at run time. */
const settingsIn = ({ config, units, packages }: Snapshot): string =>
  JSON.stringify([
    config,
    Object.keys(units)
      .toSorted()
      .map((name) => [name, units[name]?.enabled, units[name]?.config]),
    packages,
  ]);

/** The ticket that a team's change belongs to, by the first word of its summary: `HW-0731`. */
const ticketOf = ({ isAct, summary }: ProposedChange): string | undefined =>
  isAct ? undefined : /^[A-Z]{2,}-\d+/.exec(summary)?.[0];

/** One measure's final ruling; a change that it held is recorded. */
async function decided(
  { by, hooks }: Begun,
  change: ProposedChange,
  { record, ...deps }: Pick<Recorder, "record"> & WaitingDeps,
): Promise<Refusal | undefined> {
  const ruling = (await hooks.before?.(change)) ?? ALLOW;
  if (ruling.ruling === "allow") return undefined;
  if (ruling.ruling === "refuse") return { by, ...refusalIn(ruling) };
  const { clock } = deps;
  const since = clock.wall();
  const answer = await waitedFor(ruling, { by, change }, deps);
  record({ event: "held", by, ...about(change), message: answer.message, ms: clock.wall() - since });
  return answer.approved ? undefined : { by, message: answer.message };
}

/** The refusal of a further step of what was refused, by its ticket. */
function plannedWith(
  change: ProposedChange,
  refusedTickets: ReadonlyMap<string, Actor>,
): Refusal | undefined {
  const ticket = ticketOf(change);
  const by = ticket === undefined ? undefined : refusedTickets.get(ticket);
  return by && { by, message: `it is a further step of ${ticket}, which was refused` };
}

const ALLOW = { ruling: "allow" } as const;

const refusalIn = ({ message, findings }: Extract<Ruling, { readonly ruling: "refuse" }>) => ({
  message,
  ...(findings === undefined ? {} : { findings }),
});

/** What a change is called in the record. */
const about = ({ kind, by, subjects, isAct }: ProposedChange) => ({ kind, author: by, subjects, isAct });

interface WaitingDeps {
  readonly clock: Clock;
  readonly held: HeldChanges;
  readonly signal: AbortSignal;
}

async function waitedFor(
  ruling: Extract<Ruling, { readonly ruling: "delay" | "ask" }>,
  { by, change }: { readonly by: Actor; readonly change: ProposedChange },
  { clock, held, signal }: WaitingDeps,
): Promise<Answered> {
  if (ruling.ruling === "delay") {
    await sleep(clock, ruling.ms, signal);
    return { approved: true, message: ruling.message };
  }
  const ended = rejectWhenAborted(signal);
  if (ruling.whom !== "reviewer") return Promise.race([ruling.answer, ended]);
  const { answered, release } = held.hold(by, change);
  return Promise.race([ruling.answer, answered, ended]).finally(release);
}
