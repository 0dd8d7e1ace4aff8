import type { RequestRecord } from "../../lb/balancer.ts";

/** A request that went well, except for what is given. */
export const balanced = (given: Partial<RequestRecord> = {}): RequestRecord => ({
  status: 200,
  flag: "-",
  state: "--",
  reason: undefined,
  origin: "upstream",
  at: Date.UTC(2026, 0, 1),
  listener: "public",
  route: "public/0",
  pool: "web",
  attempts: [{ upstream: "web-1", result: "ok" }],
  method: "GET",
  target: "/",
  host: "shop.test",
  peer: "127.0.0.1",
  queueMs: 0,
  connectMs: 0.5,
  responseMs: 20,
  totalMs: 21,
  bytesOut: 100,
  requestId: "r1",
  ...given,
});
