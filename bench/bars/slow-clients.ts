import { connect } from "node:net";
import { every, sleep } from "../../runtime/clock.ts";
import { none, reported, under, type Bar, type BarContext } from "./bar.ts";
import { startLoneBalancer } from "./lone-balancer.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { until } from "./until.ts";
import { startVisits } from "./visits.ts";

const CLIENTS = 150;
const BYTE_EVERY_MS = 4000;
const CLOSED_WITHIN_S = 30;
const WORST_MS = 100;
const RATE = 100;
const WARM_UP_MS = 3000;

/** What is sent at once, and then byte by byte without an end. */
const KINDS = [
  {
    name: "in a head",
    first: "",
    drips: "GET / HTTP/1.1\r\nHost: shop.test\r\nX-Padding: xxxxxxxxxxxxxxxxxxxxxx",
  },
  {
    name: "in a second head",
    first: "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n",
    drips: "GET / HTTP/1.1\r\nHost: shop",
  },
  { name: "with empty lines", first: "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n", drips: "\r\n".repeat(10) },
  {
    name: "in a body",
    first: "POST /echo HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1000\r\n\r\n",
    drips: "x",
  },
] as const;

/** Sends a byte now and then; `closedAfterS` is after how many seconds it was closed, Infinity while it is not. */
function slowClient({ clock }: BarContext, port: number, { first, drips }: (typeof KINDS)[number]) {
  const began = clock.now();
  const socket = connect(port, "127.0.0.1");
  let closedAfterS = Infinity;
  let at = 0;
  socket.on("error", () => {});
  socket.on("data", () => {});
  if (first !== "") socket.write(first);
  const stop = every(clock, BYTE_EVERY_MS, () => void socket.write(drips[at++ % drips.length] ?? "x"));
  socket.once("close", () => {
    stop();
    closedAfterS = (clock.now() - began) / 1000;
  });
  return {
    get closedAfterS() {
      return closedAfterS;
    },
    end: () => socket.destroy(),
  };
}

export const slowClients: Bar = {
  name: "slow-clients",
  title: `${CLIENTS} connections that send a byte every ${BYTE_EVERY_MS / 1000} s`,
  everyEngine: false,
  async run(context) {
    const { clock, engine } = context;
    const shop = await openShop(3);
    const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
    try {
      const visits = () => startVisits(clock, balancer.port, RATE, () => ({ path: "/", bytes: 5 }));
      // What a process takes for its first requests is not what slow clients cost.
      const warmUp = visits();
      await sleep(clock, WARM_UP_MS);
      await warmUp.finish();
      const load = visits();
      const clients = KINDS.map((kind) => ({
        name: kind.name,
        all: Array.from({ length: Math.ceil(CLIENTS / KINDS.length) }, () =>
          slowClient(context, balancer.port, kind),
        ),
      }));
      const everybody = clients.flatMap(({ all }) => all);
      await until(
        clock,
        () => everybody.every(({ closedAfterS }) => closedAfterS < Infinity),
        (CLOSED_WITHIN_S + 5) * 1000,
      );
      const tally = await load.finish();
      for (const client of everybody) client.end();
      return [
        ...clients.map(({ name, all }) =>
          under(
            `the last of ${all.length} ${name} closed after`,
            Math.max(...all.map(({ closedAfterS }) => closedAfterS)),
            "s",
            CLOSED_WITHIN_S,
          ),
        ),
        reported("others' requests meanwhile", tally.sent),
        none("others' requests that failed", tally.failed),
        under("others' worst latency", tally.worstMs, "ms", WORST_MS),
      ];
    } finally {
      await balancer.close();
      await shop.close();
    }
  },
};
