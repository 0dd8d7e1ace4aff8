import type { Cancel } from "../../runtime/clock.ts";
import type { Finding } from "../../lb/config/lint/lint.ts";
import type { Actor } from "../trainee/actor.ts";
import type { ChangeEntry } from "./change-entry.ts";

/** A change before it is made, as measures judge it. */
export interface ProposedChange {
  readonly kind: ChangeEntry["kind"];
  /** A team's name for a change of the scenario's; an actor for an act. */
  readonly by: string;
  /** In neutral words. */
  readonly summary: string;
  /** What it is done to: units, a package, the balancer. */
  readonly subjects: readonly string[];
  /** True for an act of an actor, false for what a scenario's teams do. */
  readonly isAct: boolean;
  /** The balancer's configuration (YAML) as it is and as it would be; absent where it does not change. */
  readonly config?: { readonly before: string; readonly after: string };
  /** The environment that a package was built for. */
  readonly environment?: string;
  /** Ports that a package's units listen on. */
  readonly ports?: readonly number[];
}

/** A change that was made. */
export interface MadeChange extends ProposedChange {
  /** Its entry in the change log, by which it can be reverted; absent for what is not logged. */
  readonly entry?: ChangeEntry;
}

/** Why a change is not made, and who refuses it. */
export interface Refusal {
  readonly by: Actor;
  readonly message: string;
  readonly findings?: readonly Finding[];
}

/** Admits or refuses every change. */
export interface ChangeGate {
  /** Resolves with undefined when the change may be made, which may take a while, or with why it may not. */
  before(change: ProposedChange): Promise<Refusal | undefined>;
  after(change: MadeChange): void;
}

/** A world's gates: a change is made when all of them admit it, asked in the order in which they were added. */
export interface ChangeGates extends ChangeGate {
  guard(gate: ChangeGate): Cancel;
}

export function createChangeGates(): ChangeGates {
  const gates = new Set<ChangeGate>();
  return {
    guard(gate) {
      gates.add(gate);
      return () => void gates.delete(gate);
    },
    async before(change) {
      for (const gate of gates) {
        const refusal = await gate.before(change);
        if (refusal) return refusal;
      }
      return undefined;
    },
    after: (change) => gates.forEach((gate) => gate.after(change)),
  };
}
