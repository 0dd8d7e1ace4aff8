import { METHODS } from "node:http";
import { connect } from "node:net";
import { none, reported, under, type Bar } from "./bar.ts";
import { startLoneBalancer } from "./lone-balancer.ts";
import { shopConfig } from "./shop-config.ts";
import { openShop } from "./shop.ts";
import { visit } from "./visits.ts";

const REQUESTS = 100_000;
const NEW_SERIES = 50;
const LANES = 64;
/** Ends a connection or turns it into something else. */
const OTHERS = new Set(["CONNECT", "HEAD"]);
const KNOWN = METHODS.filter((method) => !OTHERS.has(method));

/** One request like no other: path, host, agent, user and, now and then, an unknown method. */
function request(n: number): string {
  const method = n % 100 === 0 ? `M${n}` : KNOWN[n % KNOWN.length];
  return [
    `${method} /shop/${n}/${n * 7919}?q=${n} HTTP/1.1`,
    `Host: host-${n}.shop.test`,
    `User-Agent: agent/${n}`,
    `Cookie: user=guest-${n}`,
    `X-Forwarded-For: 10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    "",
    "",
  ].join("\r\n");
}

/** Sends one request after the other, over connections that are renewed when they are closed. How many were answered. */
function lane(port: number, take: () => number | undefined): Promise<number> {
  return new Promise((resolve) => {
    let answered = 0;
    function open() {
      const socket = connect(port, "127.0.0.1");
      let begun = false;
      let text = "";
      const send = () => {
        const n = take();
        if (n === undefined) return void socket.destroy();
        begun = true;
        text = "";
        socket.write(request(n));
      };
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        if (!isWhole(text)) return;
        answered += 1;
        // A refused client's connection is closed, and it connects again.
        if (!/^connection: close\r$/im.test(text)) send();
      });
      socket.on("error", () => {});
      socket.once("close", () => (begun ? open() : resolve(answered)));
      send();
    }
    open();
  });
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf("\r\n\r\n");
  const [, length] = /^content-length: (\d+)\r$/im.exec(answer) ?? [];
  return head !== -1 && (length === undefined || answer.length >= head + 4 + Number(length));
}

export const cardinality: Bar = {
  name: "cardinality",
  title: `${REQUESTS} distinct paths, hosts, methods, agents and users`,
  everyEngine: false,
  async run({ clock, engine }) {
    const shop = await openShop(3);
    const balancer = await startLoneBalancer(shopConfig(shop.ports, engine));
    try {
      for (let i = 0; i < 10; i++) await visit(clock, balancer.port, { path: "/", bytes: 5 });
      const before = await balancer.metrics();
      let next = 0;
      const take = () => (next < REQUESTS ? next++ : undefined);
      const answered = await Promise.all(Array.from({ length: LANES }, () => lane(balancer.port, take)));
      const after = await balancer.metrics();
      const added = [...after.keys()].filter((series) => !before.has(series));
      return [
        none("requests that were not answered", REQUESTS - answered.reduce((sum, count) => sum + count, 0)),
        reported("series before", before.size),
        under("new series", added.length, "", NEW_SERIES),
      ];
    } finally {
      await balancer.close();
      await shop.close();
    }
  },
};
