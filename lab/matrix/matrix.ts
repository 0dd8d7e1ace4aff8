import type { PaceName, Scenario } from "../../scenarios/scenario.ts";
import { meanOf } from "../fidelity/over-seeds.ts";
import { namesOf, type Choice } from "../measures/choice.ts";
import { measureNamed } from "../measures/choice.ts";
import type { ResponderName } from "../responders/index.ts";
import type { CellRun, CellTask } from "./cell.ts";
import { judgeCell, OUTCOMES, type CellOutcome, type Judged } from "./outcome.ts";
import type { Row } from "./plan.ts";

/** Both ends are the figure itself where there is one seed. */
export type Interval = readonly [low: number, high: number];

export interface MatrixCell {
  /** Names of the measures that are on; `-NAME` for a standard one that is off. */
  readonly measures: readonly string[];
  readonly kind: Row["kind"];
  readonly outcome: CellOutcome;
  readonly atMinute: number | null;
  readonly userMinutesLostPer1000: number;
  /** Of what is lost without it; below 0 where it makes it worse. */
  readonly savedRatio: number;
  /** 95 % interval of the saved ratio over the seeds, after Student. */
  readonly interval: Interval;
  readonly because: string;
  /** True where it is zero whatever the measure does: by what is pushed in the incidents, or by the team's timetable. */
  readonly zeroByConstruction?: true;
}

export interface MatrixIncident {
  readonly scenario: string;
  readonly baseline: { readonly userMinutesLostPer1000: number; readonly interval: Interval };
  readonly cells: readonly MatrixCell[];
}

export interface MatrixPlan {
  readonly scenarios: readonly Scenario[];
  readonly rows: readonly Row[];
  readonly seeds: readonly number[];
  readonly pace: PaceName;
  readonly responder: ResponderName;
}

/** A task's key: what is known of it does not depend on which thread ran it, or when. */
export const keyOf = ({ scenario, seed, pace, answerer, choice }: CellTask): string =>
  JSON.stringify([scenario, seed, pace, answerer, choice]);

const taskOf = (
  { pace, responder }: MatrixPlan,
  scenario: string,
  seed: number,
  choice: Choice,
): CellTask => ({ scenario, seed, pace, answerer: responder, choice });

export const tasksOf = (plan: MatrixPlan): CellTask[] =>
  plan.seeds.flatMap((seed) =>
    plan.scenarios.flatMap(({ id }) => plan.rows.map(({ choice }) => taskOf(plan, id, seed, choice))),
  );

/** The matrix of all cells that have run on every seed; an incident without its baseline is left out. */
export function matrixOf(plan: MatrixPlan, runs: ReadonlyMap<string, CellRun>): MatrixIncident[] {
  const runsOf = (scenario: string, choice: Choice): CellRun[] =>
    plan.seeds.flatMap((seed) => runs.get(keyOf(taskOf(plan, scenario, seed, choice))) ?? []);
  return plan.scenarios.flatMap(({ id }): MatrixIncident[] => {
    const [base] = plan.rows;
    const baseline = base ? runsOf(id, base.choice) : [];
    if (baseline.length < plan.seeds.length) return [];
    const lost = meanWithInterval(baseline.map((run) => run.userMinutesLostPer1000));
    const cells = plan.rows.slice(1).flatMap((row): MatrixCell[] => {
      const same = runsOf(id, row.choice);
      return same.length < plan.seeds.length ? [] : [cellOf(row, same, baseline)];
    });
    return [
      {
        scenario: id,
        baseline: { userMinutesLostPer1000: rounded(lost.mean, 1), interval: lost.interval },
        cells,
      },
    ];
  });
}

function cellOf({ choice, kind }: Row, runs: readonly CellRun[], baseline: readonly CellRun[]): MatrixCell {
  const judged = runs.map((run, i) => judgeCell(run, baseline[i] ?? run));
  const { outcome, atMinute, because } = commonest(judged);
  const lost = meanWithInterval(runs.map((run) => run.userMinutesLostPer1000));
  const saved = meanWithInterval(
    runs.map((run, i) => savedRatio(run.userMinutesLostPer1000, baseline[i]?.userMinutesLostPer1000 ?? 0)),
    4,
  );
  const zero = outcome === "nothing" ? zeroBecause(choice) : undefined;
  return {
    measures: namesOf(choice),
    kind,
    outcome,
    atMinute,
    userMinutesLostPer1000: rounded(lost.mean, 1),
    savedRatio: rounded(saved.mean, 4),
    interval: saved.interval,
    because: zero ?? because,
    ...(zero === undefined ? {} : { zeroByConstruction: true }),
  };
}

/** Why the removal of a single measure cannot cost anything. */
function zeroBecause({ with: on, without }: Choice): string | undefined {
  const [only, ...others] = [...without, ...Object.keys(on)];
  return only === undefined || others.length > 0 || without.length === 0
    ? undefined
    : measureNamed(only).zeroWithout;
}

const savedRatio = (lost: number, usual: number): number => (usual === 0 ? 0 : 1 - lost / usual);

/** The outcome of most seeds, of several the better one first, as the first of those seeds has it. */
function commonest(judged: readonly Judged[]): Judged {
  const count = (outcome: CellOutcome): number => judged.filter((one) => one.outcome === outcome).length;
  const [most = "nothing"] = OUTCOMES.toSorted((a, b) => count(b) - count(a));
  const found = judged.find(({ outcome }) => outcome === most);
  if (!found) throw new Error("a cell has a seed at least");
  const times = count(most);
  return times === judged.length
    ? found
    : { ...found, because: `${found.because} (on ${times} of ${judged.length} seeds)` };
}

function meanWithInterval(
  values: readonly number[],
  digits = 1,
): { readonly mean: number; readonly interval: Interval } {
  const { mean, margin = 0 } = meanOf(values);
  return { mean, interval: [rounded(mean - margin, digits), rounded(mean + margin, digits)] };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits)) + 0;
