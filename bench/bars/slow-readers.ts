import { connect } from "node:net";
import { every, sleep } from "../../runtime/clock.ts";
import { none, reported, under, type Bar, type BarContext } from "./bar.ts";
import { startLoneBalancer } from "./lone-balancer.ts";
import { shopConfig } from "./shop-config.ts";
import { DOWNLOAD_BYTES, openShop } from "./shop.ts";

const READERS = 50;
const SECONDS = 20;
const GROWTH_MB = 100;
/** What a slow reader takes at a time, and how long it waits then; one in five takes its first piece only. */
const PAUSE_MS = 50;

/** Reads an answer slowly, and counts its bytes. `hurry` reads the rest at once. */
function slowReader({ clock }: BarContext, port: number, stops: boolean) {
  const socket = connect(port, "127.0.0.1");
  let [bytes, length] = [0, 0];
  let hurried = false;
  socket.on("error", () => {});
  socket.write("GET /download HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
  socket.on("data", (chunk) => {
    if (length === 0) length = chunk.indexOf("\r\n\r\n") + 4 + DOWNLOAD_BYTES;
    bytes += chunk.length;
    if (hurried) return;
    socket.pause();
    if (!stops) clock.after(PAUSE_MS, () => socket.resume());
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    get bytes() {
      return bytes;
    },
    /** Bytes missing from its answer in the end, or too many. */
    async hurry(): Promise<number> {
      hurried = true;
      socket.resume();
      await closed;
      return Math.abs(length - bytes);
    },
    async leave() {
      socket.destroy();
      await closed;
    },
  };
}

export const slowReaders: Bar = {
  name: "slow-readers",
  title: `${READERS} downloads of 200 MB by slow readers, for ${SECONDS} s`,
  everyEngine: true,
  async run(context) {
    const { clock, engine } = context;
    const shop = await openShop(3);
    // Clients that stop reading are not to be cut off by the idle timeout: it is their memory that is measured.
    const timeouts = { idleMs: 120_000 };
    const balancer = await startLoneBalancer(
      shopConfig(shop.ports, engine, { health: undefined }, { timeouts }),
    );
    try {
      await sleep(clock, 1000);
      const before = balancer.facts().pssMb;
      let most = before;
      const stop = every(clock, 250, () => (most = Math.max(most, balancer.facts().pssMb)));
      const readers = Array.from({ length: READERS }, (_, i) =>
        slowReader(context, balancer.port, i % 5 === 4),
      );
      await sleep(clock, SECONDS * 1000);
      const slow = readers.reduce((sum, { bytes }) => sum + bytes, 0);
      const [first, ...others] = readers;
      await Promise.all(others.map((reader) => reader.leave()));
      const missing = (await first?.hurry()) ?? Infinity;
      stop();
      return [
        reported("read slowly, by all of them", slow / 1024 / 1024, "MB"),
        reported("memory before", before, "MB"),
        under("memory grown by, at most", most - before, "MB", GROWTH_MB),
        none("bytes missing from a download that was read to its end", missing),
      ];
    } finally {
      await balancer.close();
      await shop.close();
    }
  },
};
