import { sleep } from "../../runtime/clock.ts";
import { ENGINES } from "../../lb/transport/engines.ts";
import { none, type Bar, type BarContext } from "./bar.ts";
import type { LoneBalancer } from "./lone-balancer.ts";
import { changeAt, POOL_CHANGES, some, type ShopChange } from "./shop-changes.ts";
import { shopConfig, upstreams } from "./shop-config.ts";
import { changedUnderLoad, RATE, WEB_SOCKETS } from "./under-load.ts";
import { until } from "./until.ts";

const RELOADS = 50;
const BETWEEN_MS = 150;

/** What a reload may change: pools, the engine, and all around them. */
const CHANGES: readonly ShopChange[] = [
  ...POOL_CHANGES,
  (turn, ports, engine) =>
    shopConfig(some(turn, ports), engine, { policy: { type: "ring-hash", key: "peer" } }),
  (_turn, ports, engine) => {
    const other = ENGINES.find((name) => name !== engine) ?? engine;
    return shopConfig(ports, other, { policy: { type: "peak-ewma" } });
  },
  (_turn, ports, engine) =>
    shopConfig(
      ports,
      engine,
      {},
      {
        listeners: [{ name: "public", bind: "127.0.0.1:0", routes: [{ path: "/", pool: "shop" }] }],
        pools: { shop: { policy: { type: "random-two" }, upstreams: upstreams(ports) } },
        accessLog: { path: "other.log", format: "haproxy" },
        timeouts: { idleMs: 20_000 },
      },
    ),
];

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
  run: (context) =>
    changedUnderLoad(context, async (balancer, ports) => {
      let taken = 0;
      for (let turn = 1; turn <= RELOADS; turn++) {
        const config = changeAt(CHANGES, turn)(turn, ports, context.engine);
        if (await change(context, balancer, turn, config)) taken += 1;
        await sleep(context.clock, BETWEEN_MS);
      }
      return [none("reloads that did not take effect", RELOADS - taken)];
    }),
};
