import { describe, expect, it } from "vitest";
import { createSimulatedExchange } from "../../../../lab/world/simulated/exchange.ts";
import { createNetwork } from "../../../../lab/world/simulated/network.ts";
import { createSimulatedTransport } from "../../../../lab/world/simulated/transport.ts";
import { createNodeTime } from "../../../../lab/world/simulated/node-time.ts";

const target = { host: "127.0.0.1", port: 9101 };

describe("connections of the simulated transport", () => {
  it("are counted until they end, also when their upstream has left the configuration meanwhile", async () => {
    const time = createNodeTime();
    const network = createNetwork({ clock: time.clock("data") });
    network.attach("backend").bind(target.port, (incoming) => {
      time.clock("data").after(10, () => incoming.answer({ status: 200, headers: [], body: "" }));
    });
    const transport = createSimulatedTransport(network.attach("balancer"), time.clock("data"));
    const request = { method: "GET", target: "/", headers: [], body: undefined };
    const exchange = createSimulatedExchange({ request, answer() {}, cut() {}, onGone() {} });
    transport.send(target, exchange, [], {
      connected() {},
      inform() {},
      head: () => true,
      progress() {},
      end() {},
      fail() {},
    });
    await time.run(5);
    expect(transport.counts(target).active).toBe(1);
    transport.forget(target);
    expect(transport.counts(target).active).toBe(1);
    await time.run(10);
    expect(transport.counts(target).active).toBe(0);
  });
});

describe("to an upstream that closes idle connections after a time", () => {
  const IDLE_MS = 5000;

  function bench(keepAlive: { idleMs: number; announced?: boolean } | undefined) {
    const time = createNodeTime();
    const clock = time.clock("data");
    const network = createNetwork({ clock });
    const backend = network.attach("backend");
    const serve = () =>
      backend.bind(
        target.port,
        (incoming) => incoming.answer({ status: 200, headers: [], body: "" }),
        keepAlive,
      );
    const unbind = serve();
    const transport = createSimulatedTransport(network.attach("balancer"), clock);
    const seen: string[] = [];
    const send = (method = "POST") => {
      const request = { method, target: "/", headers: [], body: undefined };
      const exchange = createSimulatedExchange({ request, answer() {}, cut() {}, onGone() {} });
      return transport.send(target, exchange, [], {
        connected: (reused) => void seen.push(reused ? "reused" : "new"),
        inform() {},
        head: () => true,
        progress() {},
        end: () => void seen.push("end"),
        fail: ({ kind, requestSent, reused }) => void seen.push(`${kind} ${requestSent} ${reused}`),
      });
    };
    return { time, transport, seen, send, backend, unbind, serve };
  }

  it("a connection serves one request after the other, and is counted as idle between them", async () => {
    const { time, transport, seen, send } = bench({ idleMs: IDLE_MS });
    send();
    await time.run(1000);
    expect(transport.counts(target)).toEqual({ idle: 1, active: 0, reuses: 0 });
    send();
    await time.run(1000);
    expect(seen).toEqual(["new", "end", "reused", "end"]);
    expect(transport.counts(target)).toEqual({ idle: 1, active: 0, reuses: 1 });
  });

  it("each request has a connection of its own where the upstream keeps none", async () => {
    const { time, transport, seen, send } = bench(undefined);
    send();
    await time.run(1000);
    send();
    await time.run(1000);
    expect(seen).toEqual(["new", "end", "new", "end"]);
    expect(transport.counts(target)).toEqual({ idle: 0, active: 0, reuses: 0 });
  });

  it("one that was closed while it idled is not used, once the close has reached the balancer", async () => {
    const { time, transport, seen, send } = bench({ idleMs: IDLE_MS });
    send();
    await time.run(IDLE_MS + 1);
    expect(transport.counts(target).idle).toBe(0);
    send();
    await time.run(1);
    expect(seen).toEqual(["new", "end", "new", "end"]);
  });

  it("a request that meets the close on its way is reset, on a connection that had served others", async () => {
    const { time, seen, send } = bench({ idleMs: IDLE_MS });
    send();
    // Connected after 0.2 ms, answered after 0.4: the upstream closes 5 s later, and that is known 0.1 ms after it.
    await time.run(0.4 + IDLE_MS - 0.15);
    expect(seen).toEqual(["new", "end"]);
    send();
    await time.run(1);
    expect(seen).toEqual(["new", "end", "reused", "reset true true"]);
  });

  it("one that announces its time is left before it", async () => {
    const { time, transport, seen, send } = bench({ idleMs: IDLE_MS, announced: true });
    send();
    await time.run(4100);
    send();
    await time.run(1);
    expect(seen).toEqual(["new", "end", "new", "end"]);
    expect(transport.counts(target).reuses).toBe(0);
  });

  it("one whose upstream stops is lost with it, and one that is given up is not kept", async () => {
    const { time, transport, seen, send, unbind, serve } = bench({ idleMs: IDLE_MS });
    send();
    await time.run(1);
    unbind();
    serve();
    // The close is on its way.
    send();
    await time.run(1);
    expect(seen).toEqual(["new", "end", "reused", "reset true true"]);
    const attempt = send();
    await time.run(0.3);
    attempt.abort();
    await time.run(1);
    expect(transport.counts(target)).toMatchObject({ idle: 0, active: 0 });
  });

  it("nothing idles to an upstream that has left the configuration, nor after the end", async () => {
    const { time, transport, send } = bench({ idleMs: IDLE_MS });
    send();
    await time.run(1);
    transport.forget(target);
    expect(transport.counts(target).idle).toBe(0);
    send();
    await time.run(1);
    expect(transport.counts(target).idle).toBe(1);
    transport.close();
    expect(transport.counts(target).idle).toBe(0);
    await time.run(IDLE_MS);
  });
});
