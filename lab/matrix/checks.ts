import type { Scenario } from "../../scenarios/scenario.ts";
import { NO_CHOICE } from "../measures/choice.ts";
import type { CellRun, CellTask } from "./cell.ts";
import { keyOf, type MatrixPlan } from "./matrix.ts";
import type { QuietDay } from "./quiet-day.ts";

/** A figure of the matrix beside one that was published. */
export interface Check {
  readonly name: string;
  readonly published: string;
  readonly measured: string;
  readonly ok: boolean;
  readonly because: string;
}

const ROLLBACK_MINUTE = 10;
/** The report in which a herd goes on after the repair. */
const HERD = "auth-bottleneck";
/** Its change is a package: to put the balancer's configuration back does nothing. */
const PACKAGE = "port-conflict";
const SAVED = { from: 0.88, to: 0.97 } as const;
const DETECTION_AT_MOST = 0.05;
const FALSE_ROLLBACKS_AT_MOST = 0.08;

const rollbackTask = ({ pace, seeds: [seed = 1] }: MatrixPlan, { id }: Scenario): CellTask => ({
  scenario: id,
  seed,
  pace,
  answerer: { repairsAtMinute: ROLLBACK_MINUTE },
  choice: NO_CHOICE,
});

/** What checks run beside the matrix: in a drill a minute is too short for them to say anything. */
export const checkTasks = (plan: MatrixPlan): readonly CellTask[] =>
  plan.pace === "report"
    ? plan.scenarios.filter(({ id }) => id !== PACKAGE).map((scenario) => rollbackTask(plan, scenario))
    : [];

/** The checks whose runs are done. */
export function checksOf(
  plan: MatrixPlan,
  runs: ReadonlyMap<string, CellRun>,
  quietDays: readonly QuietDay[],
): readonly Check[] {
  const [seed = 1] = plan.seeds;
  const baselineOf = ({ id: scenario }: Scenario): CellRun | undefined =>
    runs.get(keyOf({ scenario, seed, pace: plan.pace, answerer: plan.responder, choice: NO_CHOICE }));
  const isReports = plan.pace === "report" && plan.responder === "report";
  return [
    ...(isReports ? [...detection(plan, baselineOf), ...rollbacks(plan, runs, baselineOf)] : []),
    ...falseRollbacks(quietDays),
  ];
}

function detection(
  { scenarios }: MatrixPlan,
  baselineOf: (scenario: Scenario) => CellRun | undefined,
): readonly Check[] {
  const shares = scenarios.flatMap((scenario) => {
    const { pagedMinute, wellMinute } = baselineOf(scenario) ?? {};
    return typeof pagedMinute === "number" && typeof wellMinute === "number" && wellMinute > 0
      ? [Math.max(0, pagedMinute) / wellMinute]
      : [];
  });
  if (shares.length === 0) return [];
  const most = Math.max(...shares);
  return [
    {
      name: "earlier detection",
      published: "no severe incident was one of detection (SoCC'22): 5 % at most",
      measured: `${percent(most)} of the outage passes before the page, at most`,
      ok: most <= DETECTION_AT_MOST,
      because: "the pager rings within a minute in all of them: there is nothing to be won before it",
    },
  ];
}

function rollbacks(
  plan: MatrixPlan,
  runs: ReadonlyMap<string, CellRun>,
  baselineOf: (scenario: Scenario) => CellRun | undefined,
): readonly Check[] {
  return plan.scenarios.flatMap((scenario): Check[] => {
    const run = runs.get(keyOf(rollbackTask(plan, scenario)));
    const baseline = baselineOf(scenario);
    if (!run || !baseline || baseline.userMinutesLostPer1000 === 0) return [];
    const saved = 1 - run.userMinutesLostPer1000 / baseline.userMinutesLostPer1000;
    const lasts = scenario.id === HERD;
    return [
      {
        name: `put back at minute ${ROLLBACK_MINUTE}: ${scenario.id}`,
        published: lasts
          ? "clearly less than where nothing lasts"
          : "about 90 % fewer hours of impact (Slack, 2025): 88 to 97 %",
        measured: `${percent(saved)} saved`,
        ok: lasts ? saved < SAVED.from : saved >= SAVED.from && saved <= SAVED.to,
        because: lasts
          ? "who was signed out waits in a herd that is worked off at the servers' pace, after ten minutes as after two hours"
          : "users are well as soon as the good version is back",
      },
    ];
  });
}

function falseRollbacks(days: readonly QuietDay[]): readonly Check[] {
  const alone = days.find(({ measures }) => measures.length === 1 && measures[0] === "auto-rollback");
  if (!alone) return [];
  const ratio = alone.falseRollbacks / alone.pushes;
  return [
    {
      name: "false rollbacks",
      published: "92.4 to 94.9 % of rollbacks are right (Gandalf, NSDI'20): at most 8 in 100 pushes",
      measured: `${alone.falseRollbacks} in ${alone.pushes} good pushes`,
      ok: ratio <= FALSE_ROLLBACKS_AT_MOST,
      because: "it acts on users' failures and latency only, and good pushes move neither",
    },
  ];
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
