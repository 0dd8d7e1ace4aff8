import { sleep } from "../../runtime/clock.ts";
import { none, reported, under, type BarContext, type Figure } from "./bar.ts";
import { keepConnections } from "./kept-connections.ts";
import { startLoneBalancer, type LoneBalancer } from "./lone-balancer.ts";
import { visitsOver } from "./mixed-visits.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { until } from "./until.ts";
import { reasonsText, startVisits } from "./visits.ts";
import { talk } from "./web-sockets.ts";

/** Requests a second over kept connections, and open WebSockets, while a balancer's configuration is changed. */
export const RATE = 1000;
export const WEB_SOCKETS = 20;
/** As many users take turns. */
const USERS = 500;
export const USER_HEADER = "x-user";

/**
 * Changes a balancer of five upstreams by `change` under load. What `change` counted comes first, then what users and
 * WebSockets had of it: nothing may fail or be closed.
 */
export async function changedUnderLoad(
  { clock, engine, note }: BarContext,
  change: (balancer: LoneBalancer, ports: readonly number[]) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const shop = await openShop(5);
  const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
  const kept = keepConnections(100);
  try {
    const webSockets = await talk(clock, balancer.port, WEB_SOCKETS);
    const visits = visitsOver(kept.agent);
    const load = startVisits(clock, balancer.port, RATE, (n) => ({
      ...visits(n),
      headers: { [USER_HEADER]: `u${n % USERS}` },
    }));
    await sleep(clock, 1000);
    const began = clock.now();
    const changes = await change(balancer, shop.ports);
    const seconds = (clock.now() - began) / 1000;
    webSockets.pause();
    const tally = await load.finish();
    await until(clock, () => webSockets.echoed === webSockets.sent, 2000);
    const { closed, sent, echoed } = webSockets;
    if (tally.failed > 0) note(`failed: ${reasonsText(tally)}`);
    const figures = [
      ...changes,
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
}
