import { Agent, createServer } from "node:http";
import { createProxyServer } from "httpxy";
import { turnsOf } from "./turns.ts";

/** httpxy, unjs's continuation of http-proxy, with a keep-alive agent. */

const { port, nextPort } = turnsOf(process.argv.slice(2));
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 });
const proxy = createProxyServer({ agent });
proxy.on("error", (_error, _request, response) => response?.destroy());

createServer((incoming, response) => {
  proxy
    .web(incoming, response, { target: { host: "127.0.0.1", port: nextPort() } })
    // The listener above has seen it.
    .catch(() => {});
}).listen(port, "127.0.0.1");
