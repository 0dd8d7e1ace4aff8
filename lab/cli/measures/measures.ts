import { availableParallelism } from "node:os";
import { join } from "node:path";
import { every, systemClock } from "../../../runtime/clock.ts";
import { EXIT } from "../../../runtime/errors.ts";
import { inThreads } from "../../../runtime/threads.ts";
import type { PaceName, Scenario } from "../../../scenarios/scenario.ts";
import type { CellRun, CellTask } from "../../matrix/cell.ts";
import { drawMatrix } from "../../matrix/chart.ts";
import { checksOf, checkTasks, type Check } from "../../matrix/checks.ts";
import { keyOf, matrixOf, tasksOf, type MatrixIncident, type MatrixPlan } from "../../matrix/matrix.ts";
import { longestFirst, rowsOf } from "../../matrix/plan.ts";
import { quietDayOf, type QuietDay, type QuietRun, type QuietTask } from "../../matrix/quiet-day.ts";
import { NO_CHOICE, type Choice } from "../../measures/choice.ts";
import type { ResponderName } from "../../responders/index.ts";
import type { Output } from "../output.ts";
import { writeGiven } from "../write-file.ts";
import { matrixText } from "./measures-text.ts";

export interface MeasuresRequest {
  readonly scenarios: readonly Scenario[];
  readonly seeds: readonly number[];
  readonly pace: PaceName;
  readonly responder: ResponderName;
  /** Only this choice is measured; absent: every measure. */
  readonly given: Choice | undefined;
  /** Each of the given measures alone. */
  readonly isEach: boolean;
  /** Without all but one, and without another responder beside. */
  readonly isShort: boolean;
  /** Whether the quiet day is run, too. */
  readonly quietDay: boolean;
  /** Default: one a core. */
  readonly threads: number | undefined;
  /** Where a chart is written. */
  readonly chart: string | undefined;
}

export interface MeasuresDeps {
  readonly output: Output;
  readonly root: string;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 5000;

/** The JSON contract of `measures --json`. */
export interface MeasuresReport {
  readonly schemaVersion: 1;
  readonly pace: PaceName;
  readonly seeds: readonly number[];
  readonly responder: ResponderName;
  readonly incidents: readonly MatrixIncident[];
  /** The same for a person on call who goes by the evidence. */
  readonly beside?: { readonly responder: ResponderName; readonly incidents: readonly MatrixIncident[] };
  /** Each measure alone, and all together, on a day on which nothing is wrong. */
  readonly quietDay: readonly QuietDay[];
  readonly checks: readonly Check[];
}

type Task = CellTask | QuietTask;

/** What has run so far. */
interface Done {
  readonly cells: Map<string, CellRun>;
  /** By the choice, as JSON. */
  readonly quiet: Map<string, QuietRun>;
}

/** Runs the matrix, and prints what is done of it also when it is interrupted. Returns the exit code. */
export async function measures(request: MeasuresRequest, deps: MeasuresDeps): Promise<number> {
  const { output, signal } = deps;
  // The file is opened first: a path that cannot be written fails before hours of incidents.
  if (request.chart !== undefined) writeGiven(request.chart, "");
  const plan: MatrixPlan = { ...request, rows: rowsOf(request) };
  const beside: MatrixPlan | undefined =
    request.responder === "report" && !request.isShort ? { ...plan, responder: "ideal" } : undefined;
  const longest = { scenarios: longestFirst(plan.scenarios) };
  const quiet = request.quietDay ? quietTasks(plan) : [];
  const tasks: readonly Task[] = [
    ...tasksOf({ ...plan, ...longest }),
    ...(request.given ? [] : checkTasks(plan)),
    ...quiet,
    ...(beside ? tasksOf({ ...beside, ...longest }) : []),
  ];
  const done: Done = { cells: new Map(), quiet: new Map() };
  try {
    await runAll(tasks, done, request.threads, deps);
  } catch (error) {
    if (!signal.aborted) throw error;
    output.note(`interrupted: ${done.cells.size + done.quiet.size} of ${tasks.length} runs are done`);
  }
  const report = reportOf(plan, beside, quiet, done);
  if (request.chart !== undefined) {
    writeGiven(request.chart, drawMatrix(report));
    output.note(`the chart is in ${request.chart}`);
  }
  if (output.json) output.printJson(report);
  else output.print(matrixText(report, output.width));
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Each measure alone, and all together; the first is the day without any. */
const quietTasks = ({ rows, seeds: [seed = 1] }: MatrixPlan): readonly QuietTask[] =>
  rows
    .filter(({ kind }) => kind !== "all-but-one" && kind !== "removed")
    .map(({ choice }) => ({ quiet: true, seed, choice }));

function reportOf(
  plan: MatrixPlan,
  beside: MatrixPlan | undefined,
  quiet: readonly QuietTask[],
  done: Done,
): MeasuresReport {
  const without = done.quiet.get(JSON.stringify(NO_CHOICE));
  const quietDay = quiet.slice(1).flatMap(({ choice }): QuietDay[] => {
    const run = done.quiet.get(JSON.stringify(choice));
    return run && without ? [quietDayOf(choice, run, without)] : [];
  });
  return {
    schemaVersion: 1,
    pace: plan.pace,
    seeds: plan.seeds,
    responder: plan.responder,
    incidents: matrixOf(plan, done.cells),
    ...(beside ? { beside: { responder: beside.responder, incidents: matrixOf(beside, done.cells) } } : {}),
    quietDay,
    checks: checksOf(plan, done.cells, quietDay),
  };
}

async function runAll(
  tasks: readonly Task[],
  { cells, quiet }: Done,
  threads: number | undefined,
  { output, root, signal }: MeasuresDeps,
): Promise<void> {
  const begun = systemClock.now();
  const stop = every(systemClock, PROGRESS_EVERY_MS, () =>
    output.note(
      `  ${cells.size + quiet.size} of ${tasks.length} runs in ${Math.round((systemClock.now() - begun) / 1000)} s`,
    ),
  );
  try {
    await inThreads<Task, CellRun | QuietRun>(
      tasks,
      {
        count: Math.min(threads ?? availableParallelism(), tasks.length),
        main: new URL("./measures-thread.js", import.meta.url),
        data: { dashboards: join(root, "dashboards") },
      },
      (task, run) => {
        if ("quiet" in task) quiet.set(JSON.stringify(task.choice), run as QuietRun);
        else cells.set(keyOf(task), run as CellRun);
      },
      signal,
    );
  } finally {
    stop();
  }
}
