import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy";
import { turnsOf } from "./turns.ts";

/** http-proxy with a keep-alive agent; without one it opens a connection for each request and runs out of ports. */

const { port, nextPort } = turnsOf(process.argv.slice(2));
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 });
const proxy = httpProxy.createProxyServer({ agent });
proxy.on("error", (_error, _request, response) => response.destroy());

createServer((incoming, response) =>
  proxy.web(incoming, response, { target: { host: "127.0.0.1", port: nextPort() } }),
).listen(port, "127.0.0.1");
