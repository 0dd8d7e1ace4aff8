import { request } from "node:http";
import { every, sleep } from "../../runtime/clock.ts";
import { atMost, none, reported, under, type Bar, type BarContext } from "./bar.ts";
import { keepConnections } from "./kept-connections.ts";
import { startLoneBalancer } from "./lone-balancer.ts";
import { median } from "./level.ts";
import type { ProcessFacts } from "./process-facts.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { reasonsText, startVisits, type Visit } from "./visits.ts";
import { talk } from "./web-sockets.ts";

const RATE = 200;
const ABORTS_PER_SECOND = 10;
const STREAMS_PER_SECOND = 2;
const WEB_SOCKETS = 20;
const BODY = Buffer.alloc(64 * 1024, "b");
const MEMORY_MB = 20;
const DESCRIPTORS = 5;
/** After which the balancer closes connections to upstreams that idle, and a little more. */
const IDLE_MS = 32_000;
/** Memory goes up and down with each collection, and descriptors with each connection: a level is what half are above. */
const LEVEL_SAMPLES = 15;

/** GET and, one in five, POST of 64 KB; half of them over kept connections. */
function mixed(agent: Visit["agent"]): (n: number) => Visit {
  return (n) => {
    const kept = n % 2 === 0 && agent ? { agent } : {};
    if (n % 5 === 0) return { ...kept, path: "/echo", method: "POST", body: BODY, bytes: BODY.length };
    return { ...kept, path: "/", bytes: 5 };
  };
}

const STREAMED = Array.from({ length: 20 }, (_, i) => `data: ${20 - i}\n\n`).join("").length;

/** A client that sends a request, and leaves a moment later. */
function leaveEarly({ clock, random }: BarContext, port: number): void {
  const path = ["/stall", "/drip", "/slow?50", "/events?20"][random.below(4)] ?? "/";
  const call = request({ port, host: "127.0.0.1", path, agent: false }, (response) => {
    response.on("error", () => {});
    response.resume();
  });
  call.on("error", () => {});
  call.end();
  clock.after(random.below(100), () => call.destroy());
}

/** The level at each sample from the first whole one on. */
const levelsOf = (values: readonly number[]): number[] =>
  values.slice(LEVEL_SAMPLES - 1).map((_, i) => median(values.slice(i, i + LEVEL_SAMPLES)));

export const soak: Bar = {
  name: "soak",
  title: "mixed load: GET, 64 KB POST, events, WebSockets, 5 % aborts",
  everyEngine: true,
  async run(context) {
    const { clock, engine, minutes, note } = context;
    const warmUpS = Math.min(60, (minutes * 60) / 2);
    const shop = await openShop(4);
    const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
    const kept = keepConnections(20);
    const samples: ProcessFacts[] = [];
    try {
      await sleep(clock, 2000);
      const atRest = balancer.facts().descriptors;
      const webSockets = await talk(clock, balancer.port, WEB_SOCKETS);
      const load = startVisits(clock, balancer.port, RATE, mixed(kept.agent));
      const streams = startVisits(clock, balancer.port, STREAMS_PER_SECOND, () => ({
        path: "/events?20",
        bytes: STREAMED,
      }));
      const stopAborts = every(clock, 1000 / ABORTS_PER_SECOND, () => leaveEarly(context, balancer.port));
      await sleep(clock, warmUpS * 1000);
      const stopSampling = every(clock, 1000, () => void samples.push(balancer.facts()));
      await sleep(clock, (minutes * 60 - warmUpS) * 1000);
      stopSampling();
      stopAborts();
      const [tally, streamed] = await Promise.all([load.finish(), streams.finish()]);
      if (tally.failed + streamed.failed > 0) note(`failed: ${reasonsText(tally)} ${reasonsText(streamed)}`);
      const memory = levelsOf(samples.map(({ pssMb }) => pssMb));
      const descriptors = levelsOf(samples.map(({ descriptors }) => descriptors));
      // The load decides how many connections there are, and a burst's stay idle for half a minute.
      const others = levelsOf(samples.map((facts) => facts.descriptors - facts.connections));
      const { closed } = webSockets;
      await webSockets.close();
      kept.close();
      await sleep(clock, IDLE_MS);
      const figures = [
        reported("minutes", minutes),
        reported("requests, streams of events among them", tally.sent + streamed.sent),
        none("failed", tally.failed + streamed.failed),
        none("WebSockets closed", closed),
        reported("memory after the warm-up", memory[0] ?? Number.NaN, "MB"),
        under("memory above that, at most", aboveFirst(memory), "MB", MEMORY_MB),
        reported("memory at the end", memory.at(-1) ?? Number.NaN, "MB"),
        reported("descriptors after the warm-up", descriptors[0] ?? Number.NaN),
        reported("descriptors above that at any time", aboveFirst(descriptors)),
        reported(
          "descriptors above that at the end of the load",
          (descriptors.at(-1) ?? Number.NaN) - (descriptors[0] ?? Number.NaN),
        ),
        atMost("those that are no open connection, above that at any time", aboveFirst(others), DESCRIPTORS),
        atMost(
          `descriptors ${IDLE_MS / 1000} s after the load, above those before it`,
          balancer.facts().descriptors - atRest,
          DESCRIPTORS,
        ),
      ];
      return figures;
    } finally {
      kept.close();
      await balancer.close();
      await shop.close();
    }
  },
};

const aboveFirst = (levels: readonly number[]): number => Math.max(...levels) - (levels[0] ?? Number.NaN);
