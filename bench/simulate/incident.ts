import { join } from "node:path";
import { RESPONDERS } from "../../lab/responders/index.ts";
import { simulateDrill } from "../../lab/simulate/simulate-drill.ts";
import { createNodeTime } from "../../lab/world/simulated/node-time.ts";
import { every } from "../../runtime/clock.ts";
import { playbookAt } from "../../scenarios/playbook.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { cpuMs, heapMb } from "./process-cost.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";

const DASHBOARDS = join(import.meta.dirname, "..", "..", "..", "dashboards");
const HEAP_EVERY_MS = 15 * 60_000;

export interface IncidentCost {
  readonly virtualSeconds: number;
  readonly requests: number;
  /** From the process's own start, loading included: what a run of the command takes. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The reachable heap after each quarter of an hour in virtual time. */
  readonly heapMb: readonly number[];
}

/** An incident at its full length with its report's own team, on a process of its own. */
export async function runIncident(
  scenario: Scenario,
  options: { readonly heap: boolean },
): Promise<IncidentCost> {
  const time = createNodeTime();
  const heaps: number[] = [];
  if (options.heap) every(time.clock("data"), HEAP_EVERY_MS, () => void heaps.push(heapMb()));
  const { virtualSeconds, requests } = await simulateDrill(scenario, {
    seed: 1,
    pace: "report",
    responder: RESPONDERS.report.create(playbookAt(scenario, "report")),
    platform: nodePlatform(DASHBOARDS),
    time,
  });
  return { virtualSeconds, requests, cpuMs: cpuMs(), wallMs: performance.now(), heapMb: heaps };
}

export interface StartCost {
  /** From the process's own start to the first virtual second, loading included. */
  startMs: number;
  startCpuMs: number;
}

/** An incident up to its first virtual second. */
export async function runStart(scenario: Scenario): Promise<StartCost> {
  const time = createNodeTime();
  const over = new AbortController();
  let cost: StartCost | undefined;
  time.clock("promises").after(1000, () => {
    cost = { startMs: performance.now(), startCpuMs: cpuMs() };
    over.abort(new Error("the first second is over"));
  });
  await simulateDrill(scenario, {
    seed: 1,
    responder: RESPONDERS.report.create(playbookAt(scenario, "drill")),
    platform: nodePlatform(DASHBOARDS),
    time,
    signal: over.signal,
  }).catch((error: unknown) => {
    if (cost === undefined) throw error;
  });
  if (cost === undefined) throw new Error("the incident was over before its first second");
  return cost;
}
