import type { Diagnosis } from "../../scenarios/diagnosis.ts";
import type { Drill } from "../drill/drill.ts";
import type { DrillTerms, PassTerms } from "./drill-terms.ts";
import { drillView } from "./status.ts";
import type { DrillView } from "./views.ts";

/** The drill as its trainee may know it before the end: task, clock, hints, bar, and what a diagnosis can name. */
export interface DrillPage {
  readonly schemaVersion: 1;
  readonly drill: DrillView;
  /** Epoch milliseconds, as all times here; by the lab's clock, which in virtual time differs from the page's. */
  readonly now: number;
  readonly steadyAt: number | null;
  readonly pagedAt: number | null;
  readonly acknowledgedAt: number | null;
  readonly endingAt: number | null;
  /** Null where the instructor gave none. */
  readonly brief: string | null;
  readonly briefing: string | null;
  readonly hints: {
    /** The hints that were taken, in their order. */
    readonly taken: readonly string[];
    readonly left: number;
    /** One more fails the drill; null: hints cost nothing. */
    readonly allowed: number | null;
  };
  readonly pass: PassTerms | null;
  readonly diagnosis: (Diagnosis & { readonly at: number }) | null;
  readonly checks: readonly { readonly at: number; readonly ok: boolean }[];
  /** What a diagnosis can name; its other words are the same in every drill (`scenarios/diagnosis.ts`). */
  readonly components: readonly string[];
}

export function drillPage(drill: Drill, terms: DrillTerms | undefined, now: number): DrillPage {
  const { state, scenario } = drill;
  const { steadyAt, pagedAt, acknowledgedAt, endingAt, hints, diagnosis, checks } = state;
  return {
    schemaVersion: 1,
    drill: drillView(drill, now),
    now,
    steadyAt,
    pagedAt,
    acknowledgedAt,
    endingAt,
    brief: terms?.brief ?? null,
    briefing: terms?.briefing ?? null,
    hints: {
      taken: scenario.hints.slice(0, hints),
      left: scenario.hints.length - hints,
      allowed: terms?.pass?.maxHints ?? null,
    },
    pass: terms?.pass ?? null,
    diagnosis,
    checks,
    components: drill.components(),
  };
}
