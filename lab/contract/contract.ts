import { CodedError } from "../../runtime/errors.ts";
import { contractReport, type ContractReport } from "./contract-report.ts";
import type { LoadedScenario } from "./load-scenario.ts";
import { nearest } from "../../lb/config/did-you-mean.ts";
import { treatmentName, trialsOf, type Task, type TrialReport } from "./trial.ts";

export interface ContractOptions {
  /** Seeds 1 to this one, or the only one. */
  readonly seeds: number | { readonly only: number };
  /** Only the treatment of this name. */
  readonly only: string | undefined;
}

export interface ContractDeps {
  /** Runs the trials, in any order. */
  readonly run: (
    tasks: readonly Task[],
    onReport: (task: Task, report: TrialReport) => void,
  ) => Promise<void>;
  /** Called whenever all seeds of a treatment are done. */
  readonly onTreatment: (reported: {
    readonly scenario: string;
    readonly treatment: string;
    readonly held: number;
    readonly trials: number;
    readonly done: number;
    readonly all: number;
  }) => void;
}

/**
 * Tests scenarios against the contract: every fix, and none, on every seed. Throws CodedError DRILL_REFUSED, with the figures,
 * for a scenario whose world does not come to steady state, NOT_FOUND for an `only` that is no treatment.
 */
export async function testScenarios(
  loaded: readonly LoadedScenario[],
  options: ContractOptions,
  { run, onTreatment }: ContractDeps,
): Promise<ContractReport> {
  const tasks = loaded.flatMap((one) => tasksOf(one, options));
  const reports = new Map<Task, TrialReport>();
  await comesToSteadyState(tasks, run);
  const groups = grouped(tasks, groupOf);
  await run(tasks, (task, report) => {
    reports.set(task, report);
    const group = groups.get(groupOf(task)) ?? [];
    const reported = group.flatMap((one) => reports.get(one) ?? []);
    if (reported.length < group.length) return;
    onTreatment({
      scenario: task.source,
      treatment: treatmentName(task.trial.treatment),
      held: reported.filter(({ failures }) => failures.length === 0).length,
      trials: reported.length,
      done: reports.size,
      all: tasks.length,
    });
  });
  return contractReport(
    loaded.map(({ scenario: { id, alias }, source }) => ({
      id,
      alias,
      name: source,
      reports: tasks.filter((task) => task.source === source).flatMap((task) => reports.get(task) ?? []),
    })),
  );
}

const groupOf = ({ source, trial }: Task): string => `${source}\n${treatmentName(trial.treatment)}`;

function tasksOf({ scenario, source }: LoadedScenario, { seeds, only }: ContractOptions): Task[] {
  const all = trialsOf(scenario.paces.drill, typeof seeds === "number" ? range(seeds) : [seeds.only]);
  const chosen = only === undefined ? all : all.filter(({ treatment }) => treatmentName(treatment) === only);
  if (chosen.length === 0) {
    const names = new Set(all.map(({ treatment }) => treatmentName(treatment)));
    const near = nearest(only ?? "", names);
    throw new CodedError("NOT_FOUND", `${scenario.id} has no fix "${only}"`, {
      hint: near === undefined ? `it has ${[...names].join("; ")}` : `did you mean "${near}"?`,
    });
  }
  return chosen.map((trial) => ({ source, trial }));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Before hundreds of trials are run on a world that does not work. */
async function comesToSteadyState(tasks: readonly Task[], run: ContractDeps["run"]): Promise<void> {
  const first = [...grouped(tasks, ({ source }) => source).values()].flatMap(([task]) => task ?? []);
  const quiet = first.map(({ source, trial: { seed } }): Task => ({
    source,
    trial: { seed, treatment: { kind: "quiet" }, twice: false },
  }));
  const refused: string[] = [];
  await run(quiet, ({ source }, { failures }) => {
    for (const { rule, detail } of failures)
      if (rule === "steady-state") refused.push(`${source}: ${detail}`);
  });
  if (refused.length > 0)
    throw new CodedError("DRILL_REFUSED", refused.join("\n"), {
      hint: "without steady state nothing can be said of an incident: more capacity, fewer users, or wider limits",
    });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
