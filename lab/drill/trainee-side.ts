import { CodedError } from "../../runtime/errors.ts";
import { isGuardAction, type Action } from "../../scenarios/action.ts";
import { mechanismsWith, type Diagnosis } from "../../scenarios/diagnosis.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { Wellness } from "../judge/well.ts";
import type { AlertView } from "../observe/alert-log.ts";
import { isDriller, type Actor } from "../trainee/actor.ts";
import type { Refusal } from "../world/change-gate.ts";
import type { ActionResult } from "../world/action-result.ts";
import { runCheck, type CheckDeps } from "./check.ts";
import type { ActQueue } from "./act-queue.ts";
import { isHeldAnswer, type HeldChange, type HeldChanges } from "./held-changes.ts";
import type { OnCall } from "./on-call.ts";
import type { Recorder } from "./recorder.ts";
import { trendSince, type Trend } from "./trend.ts";

/** A check's answer: whether users are well, and the trend. */
export interface Checked extends Wellness {
  /** Absent before the first action, and where too few requests have ended since. */
  readonly trend?: Trend;
}

/** The trainee's interface to a drill: all that can be done in it; every call is recorded. */
export interface TraineeSide {
  /** Changes that measures hold until a reviewer has answered, the oldest first. */
  held(): readonly HeldChange[];
  looked(subject: string): void;
  /** Acting (by default as who drills), checking, diagnosing and hints throw CodedError USAGE before steady state and after the end. */
  act(step: Action, by?: Actor): Promise<ActionResult>;
  check(signal: AbortSignal): Promise<Checked>;
  diagnose(diagnosis: Diagnosis): void;
  hint(): string;
  /** What a diagnosis can name. */
  components(): readonly string[];
  /** Acknowledges the firing alerts with this name, or all. */
  acknowledge(name: string | undefined, by?: Actor): readonly AlertView[];
}

export interface TraineeSideDeps {
  readonly scenario: Scenario;
  /** Who drills. */
  readonly actor: Actor;
  readonly recorder: Recorder;
  readonly actQueue: ActQueue;
  readonly onCall: OnCall;
  readonly parts: CheckDeps;
  /** Asks the measures; resolves with the refusal where an act may not be done. */
  readonly admit: (step: Action, by: Actor) => Promise<Refusal | undefined>;
  /** Changes that wait for a reviewer. */
  readonly held: HeldChanges;
  /** Records an act that reached no world: a measure refused it, or it answers one. */
  readonly noted: (step: Action, by: Actor, result: ActionResult) => void;
  /** What a diagnosis can name. */
  readonly components: () => readonly string[];
  /** Throws where nothing can be done. */
  readonly assertUnderWay: () => void;
  /** Aborted with the drill's end; another one when it goes on after that. */
  readonly ended: () => AbortSignal;
}

export function createTraineeSide({
  scenario,
  actor,
  recorder,
  actQueue,
  onCall,
  parts,
  held,
  admit,
  noted,
  components,
  assertUnderWay,
  ended,
}: TraineeSideDeps): TraineeSide {
  const { record } = recorder;

  return {
    held: () => held.waiting,
    looked(subject) {
      const { phase } = recorder.state;
      if (phase === "open" || phase === "changed") record({ event: "looked", subject });
    },
    components,
    acknowledge: (name, by = actor) => onCall.acknowledge(name, by),
    act: (step, by = actor) => acted(step, by, { actQueue, held, admit, noted, assertUnderWay }),
    async check(signal) {
      assertUnderWay();
      const seen = await runCheck(parts, AbortSignal.any([signal, ended()]));
      record({ event: "checked", ok: seen.ok, felt: seen.felt });
      const overAt = parts.quietSince();
      const begunAt = recorder.state.acts.at(-1)?.begunAt;
      const trend =
        begunAt === undefined
          ? undefined
          : trendSince({ begunAt, overAt }, parts.clock.wall(), parts.traffic);
      return trend === undefined ? seen : { ...seen, trend };
    },
    diagnose(diagnosis) {
      assertUnderWay();
      const { component, mechanism } = diagnosis;
      const known = components();
      if (!known.includes(component))
        throw new CodedError("USAGE", `there is no "${component}" here`, {
          hint: `there is ${known.join(", ")}`,
        });
      const mechanisms = Object.keys(mechanismsWith(scenario.diagnosis.words));
      if (!mechanisms.includes(mechanism))
        throw new CodedError("USAGE", `there is no mechanism "${mechanism}"`, {
          hint: `there is ${mechanisms.join(", ")}`,
        });
      record({ event: "diagnosed", diagnosis });
    },
    hint() {
      assertUnderWay();
      const next = Math.min(recorder.state.hints + 1, scenario.hints.length);
      record({ event: "hinted", hint: next });
      return scenario.hints[next - 1] ?? "";
    },
  };
}

type ActingDeps = Pick<TraineeSideDeps, "actQueue" | "held" | "admit" | "noted" | "assertUnderWay">;

/** Does an act in its turn, if measures admit it. */
async function acted(
  step: Action,
  by: Actor,
  { actQueue, held, admit, noted, assertUnderWay }: ActingDeps,
): Promise<ActionResult> {
  assertUnderWay();
  if (isHeldAnswer(step)) {
    const result = held.answer(step, by);
    noted(step, by, result);
    return result;
  }
  // A step of review changes nothing by itself, and who ends a canary puts users back to what they had.
  const isAsked = isDriller(by) && !isGuardAction(step) && step.do !== "config abort";
  // Before its turn in the queue: an act that a measure holds delays no other one.
  const refusal = isAsked ? await admit(step, by) : undefined;
  if (!refusal) return actQueue.act(step, by);
  const result = refusedBy(refusal);
  noted(step, by, result);
  return result;
}

const refusedBy = ({ by, message, findings }: Refusal): ActionResult => ({
  ok: false,
  message: `${by} refused it: ${message}`,
  ...(findings === undefined ? {} : { findings }),
});
