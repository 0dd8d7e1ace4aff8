import type { MonitoringTexts } from "../../lab/observe/text-file.ts";
import { RESPONDERS } from "../../lab/responders/index.ts";
import { simulateDrill } from "../../lab/simulate/simulate-drill.ts";
import { browserPlatform } from "../../lab/world/simulated/browser-platform.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { playbookAt } from "../../scenarios/playbook.ts";

/** Lives every incident through in a browser's worker: what a page's worker will import, and nothing that stands in. */

export interface Asked {
  readonly texts: MonitoringTexts;
  readonly seed: number;
}

export interface Lived {
  readonly scenario: string;
  readonly digest: string;
  readonly requests: number;
  readonly ms: number;
}

/** What a worker's global scope has, of which node's types know nothing. */
interface WorkerScope {
  addEventListener(type: "message", run: (message: { readonly data: Asked }) => void): void;
  postMessage(answer: readonly Lived[] | string): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.addEventListener("message", ({ data }) => {
  liveAll(data).then(
    (lived) => scope.postMessage(lived),
    (error: unknown) => scope.postMessage(error instanceof Error ? String(error.stack) : String(error)),
  );
});

async function liveAll({ texts, seed }: Asked): Promise<readonly Lived[]> {
  const lived: Lived[] = [];
  for (const scenario of SCENARIOS) {
    const began = performance.now();
    const { digest, requests } = await simulateDrill(scenario, {
      seed,
      platform: browserPlatform(texts),
      responder: RESPONDERS.report.create(playbookAt(scenario, "drill")),
    });
    lived.push({ scenario: scenario.id, digest, requests, ms: Math.round(performance.now() - began) });
  }
  return lived;
}
