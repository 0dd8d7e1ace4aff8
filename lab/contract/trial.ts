import type { Fix, PaceSet } from "../../scenarios/scenario.ts";

export const FIX_KINDS = ["right", "mitigation", "wrong"] as const;
export type FixKind = (typeof FIX_KINDS)[number];

/**
 * What is done in one drill of the contract: a fix, nothing at all, or nothing where nothing has happened either
 * (`quiet`). One trial is one drill on one seed.
 */
export type Treatment =
  | { readonly kind: "untouched" }
  | { readonly kind: "quiet" }
  | { readonly kind: FixKind; readonly fix: Fix };

export interface Trial {
  readonly seed: number;
  readonly treatment: Treatment;
  /** Whether it is run a second time, to compare the digests of one seed. */
  readonly twice: boolean;
}

/** One trial to be run: it names its scenario, whose faults are code and cannot be posted to a thread. */
export interface Task {
  /** One of the lab's own by its id, any other by its path. */
  readonly source: string;
  readonly trial: Trial;
}

export const treatmentName = (treatment: Treatment): string =>
  "fix" in treatment ? treatment.fix.name : treatment.kind;

/** The contract's rules for one drill; each text is a sentence that a failure contradicts. */
export const RULES = {
  "steady-state": "steady state holds before the change",
  impact: "the impact lies in its bands",
  alerts: "what must fire does, what must not does not, and nobody is paged before the change",
  refuses: "the check refuses until users are well",
  passes: "the check passes once they are, and goes on to",
  "steps-work": "every step of a right fix and of a mitigation can be done",
  durable: "a right fix lasts through a restart of all units, a mitigation does not",
  reset: "the reset equals the start",
  "same-digest": "the same seed gives the same digest",
  "no-spoiler": "nothing that a trainee can see gives the answer away",
  quiet: "without a fault nobody is paged",
} as const;

export type Rule = keyof typeof RULES;

export interface Failure {
  readonly rule: Rule;
  readonly detail: string;
}

/** One trial's result. */
export interface TrialReport {
  readonly kind: Treatment["kind"];
  readonly treatment: string;
  readonly seed: number;
  readonly failures: readonly Failure[];
  /** Verdicts of the check, in order; the last one is the judge's own at the end. */
  readonly checks: readonly boolean[];
  /** From the last step of the fix to the first check that passed. */
  readonly secondsToOk: number | null;
  /** What was measured of the impact, where nothing was done about it. */
  readonly impact: readonly {
    readonly figure: string;
    readonly measured: number | null;
    readonly band: string;
  }[];
  readonly digest: string;
  readonly virtualSeconds: number;
  readonly requests: number;
}

/** All trials of a scenario, by treatment and then by seed. */
export function trialsOf(pace: PaceSet, seeds: readonly number[]): Trial[] {
  const fixes = [
    ...pace.rightFixes.map((fix) => ({ kind: "right", fix }) as const),
    ...pace.mitigations.map((fix) => ({ kind: "mitigation", fix }) as const),
    ...pace.wrongFixes.map((fix) => ({ kind: "wrong", fix }) as const),
  ];
  const treatments: Treatment[] = [{ kind: "quiet" }, { kind: "untouched" }, ...fixes];
  const [firstRight] = fixes;
  return treatments.flatMap((treatment) =>
    seeds.map((seed) => ({ seed, treatment, twice: treatment === firstRight && seed === seeds[0] })),
  );
}
