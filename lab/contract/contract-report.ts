import { exactInterval, type Interval } from "./interval.ts";
import { FIX_KINDS, RULES, type FixKind, type Rule, type TrialReport } from "./trial.ts";

/** How often the check was wrong, of how many drills, with an exact 95 % interval (Clopper and Pearson). */
export interface ErrorRate extends Interval {
  readonly errors: number;
  readonly trials: number;
}

/** Trials of one kind: how many there were, and in how many of them the contract held. */
export interface Held {
  readonly trials: number;
  readonly held: number;
}

export interface MeasuredFigure {
  readonly figure: string;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
  /** As the scenario has it: `0.26 to 0.34`. */
  readonly band: string;
}

export interface ScenarioReport {
  readonly scenario: string;
  readonly alias: string;
  readonly passed: boolean;
  readonly kinds: Readonly<Record<FixKind | "untouched" | "quiet", Held>>;
  /** What was measured of the impact, over the seeds on which nothing was done about it. */
  readonly impact: readonly MeasuredFigure[];
  /** Seconds from the last step of a right fix to the first check that passed. */
  readonly secondsToOk: { readonly lowest: number; readonly highest: number } | null;
  /** The check said OK while users were not well: no fix, or a wrong one. */
  readonly falsePasses: ErrorRate;
  /** The check said NO when users had had the time to be well: a right fix, a mitigation, or no fault at all. */
  readonly falseRefusals: ErrorRate;
  readonly failures: readonly (TrialReport["failures"][number] & {
    readonly kind: TrialReport["kind"];
    readonly treatment: string;
    readonly seed: number;
    /** A command line that does it again. */
    readonly replay: string;
  })[];
}

/** `scenario test --json`. Ratios 0..1. */
export interface ContractReport {
  readonly schemaVersion: 1;
  readonly passed: boolean;
  readonly trials: number;
  readonly failedTrials: number;
  readonly scenarios: readonly ScenarioReport[];
  readonly check: { readonly falsePasses: ErrorRate; readonly falseRefusals: ErrorRate };
}

const KINDS = [...FIX_KINDS, "untouched", "quiet"] as const;
const brokeRule = (report: TrialReport, rule: Rule): boolean =>
  report.failures.some((one) => one.rule === rule);

/** A trial counts for the check's error rates when its drill came to a check. */
const judged = ({ checks }: TrialReport): boolean => checks.length > 0;

function errorRate(reports: readonly TrialReport[], rule: "refuses" | "passes"): ErrorRate {
  const errors = reports.filter((report) => brokeRule(report, rule)).length;
  return { errors, trials: reports.length, ...exactInterval(errors, reports.length) };
}

/** Trials in which OK would be false. */
const unwell = (reports: readonly TrialReport[]): TrialReport[] =>
  reports.filter((report) => judged(report) && (report.kind === "wrong" || report.kind === "untouched"));
/** Trials in which it is true in the end. */
const well = (reports: readonly TrialReport[]): TrialReport[] =>
  reports.filter((report) => judged(report) && report.kind !== "wrong" && report.kind !== "untouched");

const rates = (reports: readonly TrialReport[]): ContractReport["check"] => ({
  falsePasses: errorRate(unwell(reports), "refuses"),
  falseRefusals: errorRate(well(reports), "passes"),
});

export interface TestedScenario {
  readonly id: string;
  readonly alias: string;
  /** What the command line calls it. */
  readonly name: string;
  readonly reports: readonly TrialReport[];
}

export function contractReport(tested: readonly TestedScenario[]): ContractReport {
  const all = tested.flatMap(({ reports }) => reports);
  const failedTrials = all.filter(({ failures }) => failures.length > 0).length;
  return {
    schemaVersion: 1,
    passed: failedTrials === 0,
    trials: all.length,
    failedTrials,
    scenarios: tested.map(scenarioReport),
    check: rates(all),
  };
}

function scenarioReport({ id, alias, name, reports }: TestedScenario): ScenarioReport {
  const heldOf = (kind: TrialReport["kind"]): Held => {
    const some = reports.filter((report) => report.kind === kind);
    return { trials: some.length, held: some.filter(({ failures }) => failures.length === 0).length };
  };
  return {
    scenario: id,
    alias,
    passed: reports.every(({ failures }) => failures.length === 0),
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, heldOf(kind)])) as ScenarioReport["kinds"],
    impact: measuredOver(reports.flatMap(({ impact }) => impact)),
    secondsToOk: spanOf(
      reports.flatMap(({ kind, secondsToOk }) =>
        kind === "right" && secondsToOk !== null ? [secondsToOk] : [],
      ),
    ),
    ...rates(reports),
    failures: reports.flatMap(({ failures, kind, treatment, seed }) =>
      failures.map((failure) => ({
        ...failure,
        kind,
        treatment,
        seed,
        replay: `npx lblab scenario test ${name} --seed ${seed} --only "${treatment}"`,
      })),
    ),
  };
}

const spanOf = (values: readonly number[]): ScenarioReport["secondsToOk"] =>
  values.length === 0 ? null : { lowest: Math.min(...values), highest: Math.max(...values) };

function measuredOver(measured: TrialReport["impact"]): MeasuredFigure[] {
  const bands = new Map(measured.map(({ figure, band }) => [figure, band]));
  return [...bands].flatMap(([figure, band]) => {
    const values = measured.flatMap((one) =>
      one.figure === figure && one.measured !== null ? [one.measured] : [],
    );
    const span = spanOf(values);
    if (!span) return [];
    return { figure, mean: values.reduce((sum, value) => sum + value, 0) / values.length, ...span, band };
  });
}

/** What a failure contradicts, in a sentence. */
export const failureText = ({
  rule,
  detail,
  kind,
  treatment,
  seed,
  replay,
}: ScenarioReport["failures"][number]): string =>
  `${kind === treatment ? kind : `${kind}: ${treatment}`}, seed ${seed}: not so: ${RULES[rule]}${detail === "" ? "" : `: ${detail}`}\n    ${replay}`;
