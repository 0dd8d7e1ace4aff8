import { sleep } from "../../runtime/clock.ts";
import { none, reported, under, type Bar } from "./bar.ts";
import { keepConnections } from "./kept-connections.ts";
import { startLoneBalancer } from "./lone-balancer.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { startVisits, visit, type VisitResult } from "./visits.ts";

const RATE = 500;
const ROUNDS = 5;
const EXIT_WITHIN_S = 10;
const SLOW = 50;
/** The error of a client that connects after the listener has closed. */
const TURNED_AWAY = "ECONNREFUSED";

export const sigterm: Bar = {
  name: "sigterm",
  title: `SIGTERM under ${RATE} requests a second, ${ROUNDS} times`,
  everyEngine: true,
  async run({ clock, engine, note }) {
    const shop = await openShop(3);
    const reasons: Record<string, number> = {};
    const keep = ({ wrong }: VisitResult) => {
      if (wrong !== undefined) reasons[wrong] = (reasons[wrong] ?? 0) + 1;
    };
    let [sent, slowestExitS, wrongExits] = [0, 0, 0];
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
        const kept = keepConnections(50);
        const inFlight = Array.from({ length: SLOW }, (_, i) => {
          const own = i % 2 === 0 ? { agent: kept.agent } : {};
          return visit(clock, balancer.port, { ...own, path: `/slow?${1500 + i * 20}`, bytes: 5 }).then(keep);
        });
        const load = startVisits(
          clock,
          balancer.port,
          RATE,
          (n) => ({
            path: n % 10 === 0 ? "/slow?300" : "/",
            bytes: 5,
            ...(n % 2 === 0 && { agent: kept.agent }),
          }),
          keep,
        );
        await sleep(clock, 1000);
        const began = clock.now();
        balancer.signal("SIGTERM");
        const code = await balancer.ended;
        slowestExitS = Math.max(slowestExitS, (clock.now() - began) / 1000);
        if (code !== 0) wrongExits += 1;
        await Promise.all(inFlight);
        sent += (await load.finish()).sent + SLOW;
        kept.close();
        await balancer.close();
      }
      const failed = Object.entries(reasons).filter(([reason]) => reason !== TURNED_AWAY);
      if (failed.length > 0) note(failed.map(([reason, count]) => `${count} x ${reason}`).join(", "));
      return [
        reported("requests", sent),
        reported("of them, refused because nobody listened any more", reasons[TURNED_AWAY] ?? 0),
        none(
          "broken off, reset or answered wrongly",
          failed.reduce((sum, [, count]) => sum + count, 0),
        ),
        none("exits with another code than 0", wrongExits),
        under("slowest exit", slowestExitS, "s", EXIT_WITHIN_S),
      ];
    } finally {
      await shop.close();
    }
  },
};
