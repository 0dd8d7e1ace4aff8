import type { Clock } from "../../runtime/clock.ts";
import type { Action } from "../../scenarios/action.ts";
import type { Finding } from "../../lb/config/lint/lint.ts";
import type { MadeChange, ProposedChange } from "../world/change-gate.ts";
import type { Monitoring } from "../world/monitoring.ts";
import type { ActionResult } from "../world/action-result.ts";
import type { ChangeEntry } from "../world/change-entry.ts";
import type { Sight } from "../world/world.ts";

/** A measure's decision on a change before it is made. */
export type Ruling =
  | { readonly ruling: "allow" }
  | { readonly ruling: "refuse"; readonly message: string; readonly findings?: readonly Finding[] }
  /** The change is made after this time. */
  | { readonly ruling: "delay"; readonly ms: number; readonly message: string }
  /** The change is made, or refused, when somebody has answered. */
  | {
      readonly ruling: "ask";
      readonly message: string;
      /** A person: then anybody but the change's author may answer instead. Absent: it is no question to people. */
      readonly whom?: "reviewer";
      readonly answer: Promise<{ readonly approved: boolean; readonly message: string }>;
    };

/** What a measure suspects, and what it names: a change, an upstream of a pool, a unit; or nothing in particular. */
export interface Suspicion {
  readonly message: string;
  /** Its number in the change log. */
  readonly change?: string;
  /** `by`: what of it is out of the usual. */
  readonly upstream?: { readonly pool: string; readonly name: string; readonly by: "share" | "failures" };
  readonly unit?: string;
}

/** A corrective measure, on for one drill: it sees what a trainee sees, and acts under its own name. */
export interface Measure {
  /** Lower-case words with hyphens: its actor is `measure:NAME`. */
  readonly name: string;
  /** Called once the world has started, before steady state. */
  begin(actions: MeasureActions): MeasureHooks;
}

/** A measure's reactions to changes. Their errors make the drill void. */
export interface MeasureHooks {
  /** Called before a change is made, by a team or by an actor; never for a measure's own act. Absent: it allows all. */
  before?(change: ProposedChange): Ruling | Promise<Ruling>;
  /** Called when a change was made. */
  after?(change: MadeChange): void;
}

/** What a measure can use. */
export interface MeasureActions {
  readonly clock: Clock;
  /** Aborted when the drill is over. */
  readonly signal: AbortSignal;
  readonly sight: Sight;
  readonly monitoring: Pick<Monitoring, "alerts" | "query" | "onAlert">;
  /**
   * Acts as the measure. `undoes` is the change that the act undoes: once it is done, the change is caught. Never rejects: after
   * the drill's end an act has no effect.
   */
  act(step: Action, undoes?: ChangeEntry): Promise<ActionResult>;
  /** Puts a suspicion into the record, where the trainee reads it. */
  suspect(suspicion: Suspicion): void;
}
