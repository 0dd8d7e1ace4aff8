import httpProxy from "@fastify/http-proxy";
import fastify from "fastify";
import { turnsOf } from "./turns.ts";

/** @fastify/http-proxy over its own undici pool, its retries off. It knows one upstream, which is all it gets. */

const { port, nextPort } = turnsOf(process.argv.slice(2));
const app = fastify();
await app.register(httpProxy, {
  upstream: `http://127.0.0.1:${nextPort()}`,
  undici: { connections: 64, pipelining: 1 },
  replyOptions: { retriesCount: 0 },
});
await app.listen({ port, host: "127.0.0.1" });
