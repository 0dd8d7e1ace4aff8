import { join } from "node:path";
import { every, systemClock } from "../../../runtime/clock.ts";
import { playbookAt } from "../../../scenarios/playbook.ts";
import type { PaceName, Scenario } from "../../../scenarios/scenario.ts";
import { drawSimulation } from "../../simulate/drill-chart.ts";
import { RESPONDERS, type ResponderName } from "../../responders/index.ts";
import { simulationReport } from "../../simulate/report.ts";
import { simulateDrill, type Simulation } from "../../simulate/simulate-drill.ts";
import { measured, type Choice } from "../../measures/choice.ts";
import { createNodeTime } from "../../world/simulated/node-time.ts";
import type { Output } from "../output.ts";
import { writeGiven } from "../write-file.ts";
import { openTrace } from "./trace-file.ts";
import { savingText, type Saving } from "../../matrix/savings.ts";
import { simulatedSavings } from "../../matrix/simulated-savings.ts";
import { simulationText } from "./simulate-text.ts";
import { nodePlatform } from "../../world/simulated/node-platform.ts";

export interface SimulateRequest {
  readonly scenario: Scenario;
  readonly responder: ResponderName;
  readonly pace: PaceName;
  readonly seed: number;
  readonly choice: Choice;
  /** Where a chart is written. */
  readonly chart: string | undefined;
  /** Where a trace is written. */
  readonly trace: string | undefined;
  /** Whether it is simulated again with each measure of its report. */
  readonly saved: boolean;
}

export interface SimulateDeps {
  readonly output: Output;
  readonly root: string;
  readonly signal: AbortSignal;
}

const QUIET_MS = 1000;
const PROGRESS_EVERY_MS = 5000;

/** One incident in virtual time, printed as a table or as JSON, and drawn with `--chart`. */
export async function simulate(
  request: SimulateRequest,
  { output, root, signal }: SimulateDeps,
): Promise<void> {
  const { scenario, responder, pace, seed, choice } = request;
  // The file is opened first: a path that cannot be written fails before the simulation.
  if (request.chart !== undefined) writeGiven(request.chart, "");
  const trace = request.trace === undefined ? undefined : openTrace(request.trace);
  const time = createNodeTime();
  const begun = systemClock.now();
  const progress = (): void =>
    output.note(
      `  ${(time.nowMs / 60_000).toFixed(1)} virtual minutes in ${Math.round((systemClock.now() - begun) / 1000)} s`,
    );
  const timers = [systemClock.after(QUIET_MS, progress), every(systemClock, PROGRESS_EVERY_MS, progress)];
  let simulation: Simulation;
  try {
    simulation = await simulateDrill(scenario, {
      seed,
      responder: RESPONDERS[responder].create(
        playbookAt(measured(scenario, choice, pace, seed).scenario, pace),
      ),
      actor: `responder:${responder}`,
      pace,
      platform: nodePlatform(join(root, "dashboards")),
      choice,
      time,
      signal,
      ...(trace === undefined ? {} : { onLine: trace.write }),
    });
  } finally {
    timers.forEach((cancel) => cancel());
    trace?.close();
  }
  const wallMs = systemClock.now() - begun;
  const report = simulationReport(simulation, { scenario, seed, pace, responder, choice, wallMs });
  if (request.chart !== undefined) {
    writeGiven(request.chart, drawSimulation(scenario, simulation, report));
    output.note(`the chart is in ${request.chart}`);
  }
  if (request.trace !== undefined) output.note(`the trace is in ${request.trace}`);
  const savings = request.saved
    ? await simulatedSavings(
        scenario,
        { scenario: scenario.id, seed, pace, answerer: responder, choice },
        simulation.result.measured.projectedUserMinutesLostPer1000,
        nodePlatform(join(root, "dashboards")),
      )
    : undefined;
  if (output.json) output.printJson({ ...report, ...(savings && { wouldHaveSaved: savings }) });
  else
    output.print(
      [simulationText(scenario, report, simulation), ...(savings ? [savingsText(savings)] : [])].join("\n\n"),
    );
}

const savingsText = (savings: readonly Saving[]): string =>
  [
    "What the report's measures would have saved of it, per 1,000 users, by the same again with each:",
    ...savings.map((saving) => `- ${savingText(saving)}`),
  ].join("\n");
