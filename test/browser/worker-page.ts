import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { RESPONDERS } from "../../lab/responders/index.ts";
import { simulateDrill } from "../../lab/simulate/simulate-drill.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { playbookAt } from "../../scenarios/playbook.ts";
import type { Bundle } from "./bundle.ts";
import type { Asked, Lived } from "./worker.ts";

const SEED = 1;
const platform = nodePlatform(join(import.meta.dirname, "..", "..", "dashboards"));

/** An empty page beside the bundled worker. */
export async function serveWorker({ code }: Bundle): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(({ url }, response) => {
    const isScript = url === "/worker.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? code : "<!doctype html><title>worker</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Lives every incident through in a worker of that page, by `evaluate`; digests by the incidents' ids. */
export async function digestsInPage(
  evaluate: (expression: string) => Promise<readonly Lived[] | string>,
): Promise<readonly (readonly [string, string])[]> {
  const asked: Asked = { texts: platform.texts, seed: SEED };
  // Evaluated in the page, whose globals node's types know nothing of: so as text.
  const answer = await evaluate(`(asked => new Promise((resolve, reject) => {
    const worker = new Worker("/worker.js", { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (error) => reject(new Error(error.message));
    worker.postMessage(asked);
  }))(${JSON.stringify(asked)})`);
  if (typeof answer === "string") throw new Error(answer);
  for (const { scenario, requests, ms } of answer)
    console.log(`${scenario}: ${requests} requests in ${ms / 1000} s`);
  return answer.map(({ scenario, digest }) => [scenario, digest]);
}

/** The same in node. */
export async function digestsInNode(): Promise<readonly (readonly [string, string])[]> {
  const digests: (readonly [string, string])[] = [];
  for (const scenario of SCENARIOS) {
    const responder = RESPONDERS.report.create(playbookAt(scenario, "drill"));
    digests.push([scenario.id, (await simulateDrill(scenario, { seed: SEED, platform, responder })).digest]);
  }
  return digests;
}
