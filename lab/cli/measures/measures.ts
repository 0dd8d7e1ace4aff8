import { availableParallelism } from "node:os";
import { join } from "node:path";
import { every, systemClock } from "../../../runtime/clock.ts";
import { EXIT } from "../../../runtime/errors.ts";
import { inThreads } from "../../../runtime/threads.ts";
import type { PaceName, Scenario } from "../../../scenarios/scenario.ts";
import type { CellRun, CellTask } from "../../matrix/cell.ts";
import { keyOf, matrixOf, tasksOf, type MatrixIncident, type MatrixPlan } from "../../matrix/matrix.ts";
import { longestFirst, rowsOf } from "../../matrix/plan.ts";
import type { Choice } from "../../measures/choice.ts";
import type { ResponderName } from "../../responders/index.ts";
import type { Output } from "../output.ts";
import { matrixText } from "./measures-text.ts";

export interface MeasuresRequest {
  readonly scenarios: readonly Scenario[];
  readonly seeds: readonly number[];
  readonly pace: PaceName;
  readonly responder: ResponderName;
  /** Only this choice is measured; absent: every measure. */
  readonly given: Choice | undefined;
  /** Without all but one, and without another responder beside. */
  readonly isShort: boolean;
  /** Default: one a core. */
  readonly threads: number | undefined;
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
}

/** Runs the matrix, and prints what is done of it also when it is interrupted. Returns the exit code. */
export async function measures(request: MeasuresRequest, deps: MeasuresDeps): Promise<number> {
  const { output, signal } = deps;
  const plan: MatrixPlan = { ...request, rows: rowsOf({}, request.given, request.isShort) };
  const beside: MatrixPlan | undefined =
    request.responder === "report" && !request.isShort ? { ...plan, responder: "ideal" } : undefined;
  const tasks = [plan, ...(beside ? [beside] : [])].flatMap((one) =>
    tasksOf({ ...one, scenarios: longestFirst(plan.scenarios) }),
  );
  const runs = new Map<string, CellRun>();
  try {
    await runAll(tasks, runs, request.threads, deps);
  } catch (error) {
    if (!signal.aborted) throw error;
    output.note(`interrupted: ${runs.size} of ${tasks.length} drills are done`);
  }
  const report: MeasuresReport = {
    schemaVersion: 1,
    pace: plan.pace,
    seeds: plan.seeds,
    responder: plan.responder,
    incidents: matrixOf(plan, runs),
    ...(beside ? { beside: { responder: beside.responder, incidents: matrixOf(beside, runs) } } : {}),
  };
  if (output.json) output.printJson(report);
  else output.print(matrixText(report, output.width));
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

async function runAll(
  tasks: readonly CellTask[],
  runs: Map<string, CellRun>,
  threads: number | undefined,
  { output, root, signal }: MeasuresDeps,
): Promise<void> {
  const begun = systemClock.now();
  const stop = every(systemClock, PROGRESS_EVERY_MS, () =>
    output.note(
      `  ${runs.size} of ${tasks.length} drills in ${Math.round((systemClock.now() - begun) / 1000)} s`,
    ),
  );
  try {
    await inThreads<CellTask, CellRun>(
      tasks,
      {
        count: Math.min(threads ?? availableParallelism(), tasks.length),
        main: new URL("./measures-thread.js", import.meta.url),
        data: { dashboards: join(root, "dashboards") },
      },
      (task, run) => {
        runs.set(keyOf(task), run);
      },
      signal,
    );
  } finally {
    stop();
  }
}
