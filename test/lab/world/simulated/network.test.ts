import { describe, expect, it } from "vitest";
import { createNetwork, type LinkCondition, type Outcome } from "../../../../lab/world/simulated/network.ts";
import { createNodeTime } from "../../../../lab/world/simulated/node-time.ts";

const REQUEST = { method: "GET", target: "/", headers: [], body: undefined };
const HERE = { host: "127.0.0.1", port: 80 };
const OK = { status: 200, headers: [], body: "hello" };

function createBench() {
  const time = createNodeTime();
  const network = createNetwork({ clock: time.clock("data") });
  const reported: string[] = [];
  const outcome: Outcome = {
    connected: () => reported.push("connected"),
    answered: ({ status, body }) => reported.push(`${status} ${body}`),
    failed: (kind) => reported.push(kind),
  };
  return {
    time,
    network,
    reported,
    outcome,
    client: network.attach("client"),
    server: network.attach("server"),
  };
}

describe("the modelled network", () => {
  it("carries a request and its answer, which takes its time", async () => {
    const { time, reported, outcome, client, server } = createBench();
    server.bind(80, (incoming) => incoming.answer(OK));
    client.send(HERE, REQUEST, outcome);
    expect(reported).toEqual([]);
    await time.run(0.3);
    expect(reported).toEqual(["connected"]);
    await time.run(0.3);
    expect(reported).toEqual(["connected", "200 hello"]);
    expect(server.serving()).toBe(0);
  });

  it("refuses where nothing listens, and a port that is taken, as the system does", async () => {
    const { time, reported, outcome, client, server, network } = createBench();
    client.send(HERE, REQUEST, outcome);
    await time.run(1);
    expect(reported).toEqual(["refused"]);
    const free = server.bind(80, () => {});
    expect(network.holder(80)).toBe("server");
    expect(() => client.bind(80, () => {})).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
    free();
    client.bind(80, () => {});
    expect(network.holder(80)).toBe("client");
  });

  it("breaks everything a dead process had a part in, and frees its ports", async () => {
    const { time, reported, outcome, client, server, network } = createBench();
    server.bind(80, () => {});
    client.send(HERE, REQUEST, outcome);
    await time.run(1);
    server.close();
    await time.run(1);
    expect(reported).toEqual(["connected", "cut"]);
    expect(network.holder(80)).toBeUndefined();
  });

  it.each([
    ["cancels", (cancel: () => void) => cancel()],
    ["dies", (_cancel: () => void, close: () => void) => close()],
  ])("notifies the server of a client that %s, and the client of nothing more", async (_how, leave) => {
    const { time, reported, outcome, client, server } = createBench();
    let gone = 0;
    server.bind(80, (incoming) => {
      incoming.onGone(() => gone++);
      time.clock("data").after(10, () => incoming.answer(OK));
    });
    const sent = client.send(HERE, REQUEST, outcome);
    await time.run(5);
    leave(() => sent.leave(), client.close);
    await time.run(20);
    expect(gone).toBe(1);
    expect(reported).toEqual(["connected"]);
    expect([server.serving(), time.pending]).toEqual([0, 0]);
  });

  it.each<[string, LinkCondition, string[]]>([
    ["is refused", { fate: "refused" }, ["refused"]],
    ["breaks", { fate: "reset" }, ["connected", "cut"]],
    ["loses everything", { fate: "lost" }, []],
  ])(
    "has links that a condition makes bad, and good again: one that %s",
    async (_name, condition, wanted) => {
      const { time, reported, outcome, client, server, network } = createBench();
      server.bind(80, (incoming) => incoming.answer(OK));
      const undo = network.condition("client", 80, condition);
      client.send(HERE, REQUEST, outcome);
      await time.run(60_000);
      expect(reported).toEqual(wanted);
      undo();
      client.send(HERE, REQUEST, outcome);
      await time.run(1);
      expect(reported.slice(wanted.length)).toEqual(["connected", "200 hello"]);
    },
  );

  it("can be slow for one and not for others", async () => {
    const { time, reported, outcome, server, client, network } = createBench();
    server.bind(80, (incoming) => incoming.answer(OK));
    network.condition("client", 80, { latencyMs: 100 });
    client.send(HERE, REQUEST, outcome);
    network.attach("other").send(HERE, REQUEST, { ...outcome, answered: () => reported.push("other") });
    await time.run(500);
    expect(reported).toEqual(["connected", "other", "connected", "200 hello"]);
  });
});
