import { sleep, type Clock } from "../../runtime/clock.ts";
import type { PaceName, PaceSet, Scenario } from "../../scenarios/scenario.ts";
import type { Drill } from "../drill/drill.ts";
import type { Trainee } from "../trainee/trainee.ts";
import type { Responder, Tempo } from "./responder.ts";
import { tempoOf } from "./tempo.ts";

export interface Duty {
  readonly responder: Responder;
  readonly scenario: Scenario;
  readonly pace: PaceName;
  /** With false nothing is wrong, and nobody is paged. */
  readonly fault: boolean;
  /** Default: that of the pace. */
  readonly tempo?: Tempo | undefined;
  /** Measures may hold the change for so long before users feel it. Default 0. */
  readonly heldUpToMs?: number | undefined;
  /** Resolves once a measure has named the cause. */
  readonly causeNamed?: Promise<void> | undefined;
}

export interface DutyDeps {
  readonly clock: Clock;
  readonly drill: Pick<Drill, "state" | "end">;
  /** What the responder sees and acts through. */
  readonly trainee: Trainee;
  /** Gets each line that the responder prints. */
  readonly say: (line: string) => void;
  /** Aborted when the drill is over. */
  readonly signal: AbortSignal;
}

/** Where nothing is wrong the pager stays silent for longer than any rule waits. */
const QUIET_MS = 30_000;
const LOOK_EVERY_MS = 250;

/**
 * Has a responder stand in for the trainee of a drill, in any world, until it ends the drill: as solved when users are well, else
 * as given up. Never rejects: a responder that fails has not solved it.
 */
export async function standIn(duty: Duty, deps: DutyDeps): Promise<void> {
  const { drill, say, signal } = deps;
  try {
    drill.end((await onDuty(duty, deps)) ? "solved" : "asked");
  } catch (error) {
    // A drill that is over has its own end in the journal.
    if (signal.aborted) return;
    say(`the responder gave up: ${error instanceof Error ? error.message : String(error)}`);
    drill.end("asked");
  }
}

async function onDuty(duty: Duty, { clock, drill, trainee, say, signal }: DutyDeps): Promise<boolean> {
  const { responder, scenario, fault, tempo = tempoOf(scenario, duty.pace) } = duty;
  const pace = scenario.paces[duty.pace];
  // Before the lab serves there is nothing to see.
  while (drill.state.phase === "briefing") await sleep(clock, LOOK_EVERY_MS, signal);
  const waitMs = fault ? pace.timing.pageWithinMs + (duty.heldUpToMs ?? 0) : QUIET_MS;
  const well = await responder(trainee, { clock, signal, say, waitMs, tempo, causeNamed: duty.causeNamed });
  // A responder that gave up does not wait for users.
  if (fault && well) await usersAreWell(pace, { clock, drill, signal });
  return well;
}

/** A repair may take its time, hours at pace report; what repaired nothing gets no longer than a repair would. */
async function usersAreWell(
  { timing: { wellForMs }, recoveryMs }: PaceSet,
  { clock, drill, signal }: Pick<DutyDeps, "clock" | "drill" | "signal">,
): Promise<void> {
  if (wellForMs === 0) return;
  const until = clock.wall() + recoveryMs;
  while (clock.wall() < until + wellForMs) {
    const { wellSince } = drill.state;
    if (wellSince !== null && clock.wall() - wellSince >= wellForMs) return;
    if (wellSince === null && clock.wall() >= until) return;
    await sleep(clock, wellForMs / 10, signal);
  }
}
