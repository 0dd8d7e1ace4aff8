import { sleep } from "../../runtime/clock.ts";
import { ENGINES, type EngineName } from "../../lb/transport/engines.ts";
import { none, reported, under, type Bar, type BarContext } from "./bar.ts";
import { keepConnections } from "./kept-connections.ts";
import { startLoneBalancer, type LoneBalancer } from "./lone-balancer.ts";
import { visitsOver } from "./mixed-visits.ts";
import { shopConfig, upstreams } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { until } from "./until.ts";
import { reasonsText, startVisits } from "./visits.ts";
import { talk } from "./web-sockets.ts";

const RELOADS = 50;
const RATE = 1000;
const WEB_SOCKETS = 20;
const BETWEEN_MS = 150;

/** What is changed, in turn: members, weights, states, policies, and the settings around a policy. */
function configAt(turn: number, ports: readonly number[], engine: EngineName): object {
  const some = ports.slice(turn % 3, 3 + (turn % 3));
  const other = ENGINES.find((name) => name !== engine) ?? engine;
  switch (turn % 8) {
    case 0:
      return shopConfig(some, engine);
    case 1:
      return shopConfig(ports, engine, { upstreams: upstreams(ports, (i) => 1 + ((turn * (i + 1)) % 7)) });
    case 2:
      return shopConfig(ports, engine, { policy: { type: "least-connections" }, sticky: { cookie: "lb" } });
    case 3:
      return shopConfig(some, engine, { policy: { type: "ring-hash", key: "peer" } });
    case 4:
      return shopConfig(some.toReversed(), engine, { health: undefined, slowStartMs: 1000 });
    case 5:
      return shopConfig(ports, other, { policy: { type: "peak-ewma" } });
    case 6: {
      const pools = { shop: { policy: { type: "random-two" }, upstreams: upstreams(ports) } };
      return shopConfig(
        ports,
        engine,
        {},
        {
          listeners: [{ name: "public", bind: "127.0.0.1:0", routes: [{ path: "/", pool: "shop" }] }],
          pools,
          accessLog: { path: "other.log", format: "haproxy" },
          timeouts: { idleMs: 20_000 },
        },
      );
    }
    default:
      return shopConfig(ports, engine, { policy: { type: "maglev", key: "peer" }, queue: { limit: 10 } });
  }
}

/** Puts a configuration in force, by SIGHUP or by the admin interface. False when it was not taken. */
async function change({ clock }: BarContext, balancer: LoneBalancer, turn: number, config: object) {
  if (turn % 2 === 0) {
    const { status } = await balancer.admin("PUT", "/config", JSON.stringify(config));
    return status === 200;
  }
  const version = async () => (await balancer.metrics()).get("lb_config_version") ?? 0;
  const before = await version();
  balancer.write(config);
  balancer.signal("SIGHUP");
  return (await until(clock, async () => (await version()) > before, 5000)) < Infinity;
}

export const reloads: Bar = {
  name: "reloads",
  title: `${RELOADS} reloads under ${RATE} requests a second, ${WEB_SOCKETS} WebSockets open`,
  everyEngine: true,
  async run(context) {
    const { clock, engine, note } = context;
    const shop = await openShop(5);
    const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
    const kept = keepConnections(100);
    try {
      const webSockets = await talk(clock, balancer.port, WEB_SOCKETS);
      const load = startVisits(clock, balancer.port, RATE, visitsOver(kept.agent));
      await sleep(clock, 1000);
      const began = clock.now();
      let taken = 0;
      for (let turn = 1; turn <= RELOADS; turn++) {
        if (await change(context, balancer, turn, configAt(turn, shop.ports, engine))) taken += 1;
        await sleep(clock, BETWEEN_MS);
      }
      const seconds = (clock.now() - began) / 1000;
      webSockets.pause();
      const tally = await load.finish();
      await until(clock, () => webSockets.echoed === webSockets.sent, 2000);
      const { closed, sent, echoed } = webSockets;
      if (tally.failed > 0) note(`failed: ${reasonsText(tally)}`);
      const figures = [
        none("reloads that did not take effect", RELOADS - taken),
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
