import { describe, expect, it } from "vitest";
import { jsonLine } from "../../../../lb/telemetry/access-line.ts";
import type { RequestRecord } from "../../../../lb/balancer.ts";
import { createAccessLines } from "../../../../lab/world/simulated/access-lines.ts";

const KEPT = 1000;

/** Every third never reached an upstream, every fifth was tried twice. */
const record = (i: number): RequestRecord => ({
  status: i % 3 === 0 ? 503 : 200,
  flag: i % 3 === 0 ? "UO" : "-",
  state: i % 3 === 0 ? "sQ" : "--",
  reason: i % 3 === 0 ? "queue-full" : undefined,
  origin: i % 3 === 0 ? "balancer" : "upstream",
  at: 1_767_225_600_000 + i,
  listener: "public",
  route: "public/0",
  pool: "web",
  attempts:
    i % 3 === 0
      ? []
      : i % 5 === 0
        ? [
            { upstream: "web-1", result: "refused" },
            { upstream: "web-2", result: "ok" },
          ]
        : [{ upstream: "web-3", result: "ok" }],
  method: "GET",
  target: `/products/${i}`,
  host: "shop.test",
  peer: "127.0.0.1",
  queueMs: i % 3 === 0 ? undefined : 0.5,
  connectMs: i % 3 === 0 ? undefined : 0.25,
  responseMs: i % 3 === 0 ? undefined : 40 + i / 8,
  totalMs: 50 + i / 8,
  bytesOut: i,
  requestId: `id-${i}`,
});

describe("the simulated access log", () => {
  it("has the last requests as the live one does, oldest first, however many came before", () => {
    const seen: RequestRecord[] = [];
    const lines = createAccessLines((one) => seen.push(one));
    const log = lines.open({ path: "access.log", format: "json" });
    const all = Array.from({ length: 2 * KEPT + 7 }, (_, i) => record(i));
    for (const one of all) log.write(one);
    expect(lines.tail(3)).toEqual(all.slice(-3).map((one) => jsonLine(one)));
    expect(lines.tail(5000)).toEqual(all.slice(-KEPT).map((one) => jsonLine(one)));
    expect(seen).toEqual(all);
  });
});
