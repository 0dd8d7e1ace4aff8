import { createHook } from "node:async_hooks";
import { join } from "node:path";
import { answerThePage } from "../../lab/responders/on-call.ts";
import { simulateDrill, type Simulation, type SimulationOptions } from "../../lab/simulate/simulate-drill.ts";
import { createNodeTime } from "../../lab/world/simulated/node-time.ts";
import { type VirtualTime } from "../../lab/world/simulated/virtual-time.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";

const DASHBOARDS = join(import.meta.dirname, "..", "..", "dashboards");

/** A scenario run in virtual time, with the responder on call by default. */
export const simulated = (
  scenario: Scenario,
  options: Partial<SimulationOptions> = {},
): Promise<Simulation> =>
  simulateDrill(scenario, {
    seed: 1,
    responder: answerThePage,
    platform: nodePlatform(DASHBOARDS),
    ...options,
  });

/** Virtual time that reports every promise made or settled by an event that should be free of them. */
export function createWatchedTime(): { readonly time: VirtualTime; readonly found: string[]; stop(): void } {
  const found: string[] = [];
  let inside = false;
  let touched: string | undefined;
  const touch = (): void => {
    if (inside) touched ??= new Error("a promise").stack;
  };
  const hook = createHook({
    init: (_id, type) => (type === "PROMISE" ? touch() : undefined),
    promiseResolve: touch,
  }).enable();
  const time = createNodeTime({
    watch: {
      before() {
        inside = true;
        touched = undefined;
      },
      after(settles) {
        inside = false;
        if (touched !== undefined && !settles) found.push(touched);
      },
    },
  });
  return { time, found, stop: () => void hook.disable() };
}
