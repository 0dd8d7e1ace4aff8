import { sleep } from "../../runtime/clock.ts";
import type { EngineName } from "../../lb/transport/engines.ts";
import { atLeast, none, reported, under, type Bar, type BarContext } from "./bar.ts";
import { keepConnections } from "./kept-connections.ts";
import { startLoneBalancer, type LoneBalancer } from "./lone-balancer.ts";
import { visitsOver } from "./mixed-visits.ts";
import { shopConfig, upstreams } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { until } from "./until.ts";
import { reasonsText, startVisits } from "./visits.ts";
import { talk } from "./web-sockets.ts";

const CANARIES = 50;
const RATE = 1000;
const WEB_SOCKETS = 20;
const STARTED_MS = 120;
const STEP_WITHIN_MS = 5000;

/** What the new version changes, in turn: members, weights, states, policies, and the settings around a policy. */
function configAt(turn: number, ports: readonly number[], engine: EngineName): object {
  const some = ports.slice(turn % 3, 3 + (turn % 3));
  switch (turn % 5) {
    case 0:
      return shopConfig(some, engine);
    case 1:
      return shopConfig(ports, engine, { upstreams: upstreams(ports, (i) => 1 + ((turn * (i + 1)) % 7)) });
    case 2:
      return shopConfig(ports, engine, { policy: { type: "least-connections" }, sticky: { cookie: "lb" } });
    case 3:
      return shopConfig(some.toReversed(), engine, { health: undefined, slowStartMs: 1000 });
    default:
      return shopConfig(ports, engine, { policy: { type: "maglev", key: "peer" }, queue: { limit: 10 } });
  }
}

interface CanaryAnswer {
  readonly canary: { readonly version: number; readonly phase: string; readonly share: number } | null;
}

const statusOf = async (balancer: LoneBalancer): Promise<CanaryAnswer["canary"]> =>
  (JSON.parse((await balancer.admin("GET", "/config/canary")).body) as CanaryAnswer).canary;

/** Starts one, lets every second step, and promotes or aborts it. Whether each of these was done. */
async function tryOne({ clock, note }: BarContext, balancer: LoneBalancer, turn: number, config: object) {
  const steps = turn % 2 === 0;
  const query = `share=10%25&step=20%25&every=${steps ? "200ms" : "1h"}&bake=1h&user=header:x-user`;
  const started = await balancer.admin("POST", `/config/canary?${query}`, JSON.stringify(config));
  if (started.status !== 200) {
    note(`canary ${turn} did not start: ${started.body}`);
    return { started: false, stepped: false, ended: false };
  }
  await sleep(clock, STARTED_MS);
  const grown = async () => {
    const status = await statusOf(balancer);
    return status !== null && (status.share > 0.1 || status.phase === "aborted");
  };
  if (steps) await until(clock, grown, STEP_WITHIN_MS);
  const stepped = ((await statusOf(balancer))?.share ?? 0) > 0.1;
  const verb = turn % 4 < 2 ? "promote" : "abort";
  const ended = await balancer.admin("POST", `/config/canary/${verb}`, "{}");
  // Its own verdict may have been first.
  if (ended.status === 200 || (await statusOf(balancer))?.phase === "aborted")
    return { started: true, stepped, ended: true };
  note(`canary ${turn}: ${verb}: ${ended.body}`);
  return { started: true, stepped, ended: false };
}

export const canaries: Bar = {
  name: "canaries",
  title: `${CANARIES} canaries (start, step, promote, abort) under ${RATE} requests a second, ${WEB_SOCKETS} WebSockets open`,
  everyEngine: true,
  async run(context) {
    const { clock, engine, note } = context;
    const shop = await openShop(5);
    const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
    const kept = keepConnections(100);
    try {
      const webSockets = await talk(clock, balancer.port, WEB_SOCKETS);
      const visits = visitsOver(kept.agent);
      const load = startVisits(clock, balancer.port, RATE, (n) => ({
        ...visits(n),
        headers: { "x-user": `u${n % 500}` },
      }));
      await sleep(clock, 1000);
      const began = clock.now();
      const done = { started: 0, stepped: 0, ended: 0 };
      for (let turn = 1; turn <= CANARIES; turn++) {
        const one = await tryOne(context, balancer, turn, configAt(turn, shop.ports, engine));
        for (const what of ["started", "stepped", "ended"] as const) done[what] += one[what] ? 1 : 0;
      }
      const seconds = (clock.now() - began) / 1000;
      webSockets.pause();
      const tally = await load.finish();
      await until(clock, () => webSockets.echoed === webSockets.sent, 2000);
      const { closed, sent, echoed } = webSockets;
      if (tally.failed > 0) note(`failed: ${reasonsText(tally)}`);
      const figures = [
        none("canaries that did not start", CANARIES - done.started),
        none("canaries that did not end", CANARIES - done.ended),
        atLeast("canaries that grew a step", done.stepped, 1),
        reported("requests meanwhile", tally.sent),
        none("failed requests", tally.failed),
        under("slowest answer", Math.round(tally.worstMs), "ms", 5000),
        none("WebSockets closed", closed),
        none("WebSocket messages lost", sent - echoed),
        reported("seconds", Math.round(seconds)),
        none(`kept connections closed, of ${kept.opened}`, kept.closed),
      ];
      await webSockets.close();
      return figures;
    } finally {
      kept.close();
      await balancer.close();
      await shop.close();
    }
  },
};
