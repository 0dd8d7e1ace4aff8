import { CodedError } from "../../runtime/errors.ts";
import type { Action } from "../../scenarios/action.ts";
import { mechanismsWith, type Diagnosis } from "../../scenarios/diagnosis.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { Wellness } from "../judge/well.ts";
import type { AlertView } from "../observe/alert-log.ts";
import { isDriller, type Actor } from "../trainee/actor.ts";
import type { Refusal } from "../world/change-gate.ts";
import type { ActionResult } from "../world/action-result.ts";
import { runCheck, type CheckDeps } from "./check.ts";
import type { ActQueue } from "./act-queue.ts";
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
  /** Records an act that a measure refused. */
  readonly refused: (step: Action, by: Actor, result: ActionResult) => void;
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
  admit,
  refused,
  components,
  assertUnderWay,
  ended,
}: TraineeSideDeps): TraineeSide {
  const { record } = recorder;

  function refusedBy(step: Action, by: Actor, { by: measure, message, findings }: Refusal): ActionResult {
    const found = findings === undefined ? {} : { findings };
    const result = { ok: false, message: `${measure} refused it: ${message}`, ...found };
    refused(step, by, result);
    return result;
  }

  return {
    looked(subject) {
      const { phase } = recorder.state;
      if (phase === "open" || phase === "changed") record({ event: "looked", subject });
    },
    components,
    acknowledge: (name, by = actor) => onCall.acknowledge(name, by),
    async act(step, by = actor) {
      assertUnderWay();
      // Before its turn in the queue: an act that a measure holds delays no other one.
      const refusal = isDriller(by) ? await admit(step, by) : undefined;
      return refusal ? refusedBy(step, by, refusal) : actQueue.act(step, by);
    },
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
