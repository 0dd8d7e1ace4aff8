import { connect, createServer, type Socket } from "node:net";
import { turnsOf } from "./turns.ts";

/**
 * The floor of what a proxy in Node can cost: bytes from one socket to the other, with nothing parsed, counted or logged. A
 * client's connection keeps one upstream's for as long as it lasts. Its whole price is that of the runtime and the system.
 */

const { port, nextPort } = turnsOf(process.argv.slice(2));

createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: "127.0.0.1", port: nextPort(), noDelay: true });
  relay(client, upstream);
  relay(upstream, client);
}).listen(port, "127.0.0.1");

function relay(from: Socket, to: Socket): void {
  from.on("data", (bytes: Buffer) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("error", () => {});
  from.on("close", () => to.destroy());
}
