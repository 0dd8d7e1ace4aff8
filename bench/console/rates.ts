import type { Page } from "playwright-core";
import { openVirtualSession } from "../../lab/simulate/virtual-session.ts";
import { STEP_MS } from "../../lab/world/simulated/virtual-time.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";
import { systemClock } from "../../runtime/clock.ts";
import { findScenario } from "../../scenarios/index.ts";

/** Virtual seconds that pass in a second of node, over so many virtual seconds from the beginning. */
export async function rateInNode(alias: string, virtualSeconds: number, dashboards: string): Promise<number> {
  const scenario = findScenario(alias);
  if (!scenario) throw new Error(`there is no incident "${alias}"`);
  const session = openVirtualSession({ scenario, seed: 1 }, { platform: nodePlatform(dashboards) });
  const begun = systemClock.now();
  while (session.steps * STEP_MS < virtualSeconds * 1000) await session.step();
  const seconds = (systemClock.now() - begun) / 1000;
  await session.close();
  return virtualSeconds / seconds;
}

/** The same in a worker of the page, from its first step on, with everything that it posts to the page. */
export function rateInPage(
  page: Page,
  workerPath: string,
  alias: string,
  virtualSeconds: number,
): Promise<number> {
  // Evaluated in the page, whose globals node's types know nothing of: so as text.
  const run = `({ path, open, virtualMs }) => new Promise((resolve, reject) => {
    const worker = new Worker(path, { type: "module" });
    let begun;
    worker.onmessage = ({ data }) => {
      if (data.type === "failed") reject(new Error(data.message));
      if (data.type !== "time") return;
      begun ??= { at: performance.now(), nowMs: data.nowMs };
      if (data.nowMs < virtualMs) return;
      worker.terminate();
      resolve((data.nowMs - begun.nowMs) / (performance.now() - begun.at));
    };
    worker.onerror = (error) => reject(new Error(error.message));
    worker.postMessage(open);
  })`;
  const given = {
    path: `/${workerPath}`,
    open: {
      type: "open",
      beginning: { kind: "fresh", alias, seed: 1, fault: true, measures: {} },
      speed: null,
    },
    virtualMs: virtualSeconds * 1000,
  };
  return page.evaluate<number>(`(${run})(${JSON.stringify(given)})`);
}
