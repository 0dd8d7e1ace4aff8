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
    const transport = createSimulatedTransport(network.attach("balancer"));
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
