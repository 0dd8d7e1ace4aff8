import { connect, type Socket } from "node:net";
import { sleep } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import { none, reported, under, type Bar, type BarContext } from "./bar.ts";
import { levelWhile } from "./level.ts";
import { startLoneBalancer, sumOf, type LoneBalancer } from "./lone-balancer.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop, type Shop } from "./shop.ts";
import { until } from "./until.ts";

const ABORTS = 10_000;
const LANES = 50;
/** The first of them warm up, and the level of the memory is taken over the next and over the last of this size. */
const PART = ABORTS / 5;
const LEFT_AFTER_MS = 5000;
const GROWTH_MB = 20;
const TIMEOUT_MS = 2000;

interface Abort {
  readonly when: string;
  readonly sends: string;
  /** What has to have come back before the client leaves; absent: it leaves within milliseconds, at any point. */
  readonly after?: RegExp;
}

const head = (line: string, ...fields: string[]): string =>
  `${[`${line} HTTP/1.1`, "Host: shop.test", ...fields].join("\r\n")}\r\n\r\n`;
const upgrade = (path: string): string =>
  head(
    `GET ${path}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  );

const KINDS: readonly Abort[] = [
  { when: "before the answer", sends: head("GET /stall") },
  { when: "before the answer, with two requests sent at once", sends: head("GET /stall").repeat(2) },
  { when: "in the request's head", sends: "GET / HTTP/1.1\r\nHos" },
  {
    when: "in the request's body",
    sends: `${head("POST /echo", "Content-Length: 100000")}${"x".repeat(5000)}`,
  },
  {
    when: "in a body without a length",
    sends: `${head("POST /stall", "Transfer-Encoding: chunked")}5\r\nhello\r\n`,
  },
  { when: "in the answer", sends: head("GET /drip"), after: /xxx/ },
  { when: "in the answer, unread", sends: head("GET /download"), after: /200 OK/ },
  { when: "between events", sends: head("GET /events?100"), after: /event-stream/ },
  { when: "after the answer", sends: head("GET /"), after: /hello/ },
  { when: "at any time about the answer", sends: head("GET /") },
  { when: "while an upgrade is pending", sends: upgrade("/stall") },
  { when: "in a WebSocket", sends: upgrade("/"), after: /101 / },
];

/** One client that leaves: resolves when its connection is gone. */
async function leave({ clock }: BarContext, port: number, kind: Abort, random: Random): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  socket.write(kind.sends);
  const came = kind.after === undefined || (await receives(socket, kind.after));
  if (kind.after === undefined) await sleep(clock, random.below(8));
  if (random.below(2) === 0) socket.destroy();
  else socket.resetAndDestroy();
  await closed;
  return came;

  function receives(socket: Socket, wanted: RegExp): Promise<boolean> {
    return new Promise((resolve) => {
      let text = "";
      const cancel = clock.after(TIMEOUT_MS, () => resolve(false));
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        if (!wanted.test(text)) return;
        socket.removeAllListeners("data").pause();
        cancel();
        resolve(true);
      });
    });
  }
}

async function abort(context: BarContext, balancer: LoneBalancer, count: number): Promise<number> {
  let [next, strays] = [0, 0];
  const lane = async () => {
    for (let n = next++; n < count; n = next++) {
      const kind = KINDS[n % KINDS.length];
      if (kind && !(await leave(context, balancer.port, kind, context.random))) strays += 1;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return strays;
}

/** What the balancer still holds for clients that have left. */
async function held(balancer: LoneBalancer, shop: Shop) {
  const samples = await balancer.metrics();
  const idle = sumOf(samples, "lb_upstream_connections", 'state="idle"');
  return {
    inFlight: sumOf(samples, "lb_upstream_in_flight"),
    active: sumOf(samples, "lb_upstream_connections", 'state="active"'),
    waiting: sumOf(samples, "lb_pool_queue_length"),
    idle,
    // Health checks open one of their own now and then.
    beyondIdle: Math.max(0, shop.open - idle),
    busy: shop.busy,
  };
}

export const aborts: Bar = {
  name: "aborts",
  title: `${ABORTS} clients leave before, in and after the answer`,
  everyEngine: true,
  async run(context) {
    const { clock, engine } = context;
    const shop = await openShop(3);
    const balancer = await startLoneBalancer(shopConfig(shop.ports, engine, { health: undefined }));
    try {
      const before = balancer.facts();
      let strays = await abort(context, balancer, PART);
      const memoryOver = (count: number) =>
        levelWhile(
          clock,
          () => balancer.facts().pssMb,
          async () => void (strays += await abort(context, balancer, count)),
        );
      const first = await memoryOver(PART);
      strays += await abort(context, balancer, ABORTS - 3 * PART);
      const last = await memoryOver(PART);
      const tookMs = await until(
        clock,
        async () => {
          const { idle: _idle, ...left } = await held(balancer, shop);
          return Object.values(left).every((count) => count === 0);
        },
        LEFT_AFTER_MS,
      );
      const left = await held(balancer, shop);
      const after = balancer.facts();
      return [
        none("answers that did not come as far as they should", strays),
        under("until nothing of them was left", tookMs, "ms", LEFT_AFTER_MS),
        none("in flight then", left.inFlight + left.active + left.waiting),
        none("requests that an upstream still works on", left.busy),
        none("connections to upstreams beyond those that idle", left.beyondIdle),
        reported("connections to upstreams that idle, for the next requests", left.idle),
        reported(`memory during the second ${PART}`, first, "MB"),
        under(`memory during the last ${PART}, above that`, last - first, "MB", GROWTH_MB),
        under(
          "sockets more than before, those that idle aside",
          after.sockets - before.sockets - left.idle,
          "",
          5,
        ),
      ];
    } finally {
      await balancer.close();
      await shop.close();
    }
  },
};
