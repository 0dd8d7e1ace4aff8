import { expect, it } from "vitest";
import { addressesOf, containerised, insideContainer } from "../../../../lab/world/docker/containerised.ts";
import { SCENARIOS } from "../../../../scenarios/index.ts";

const addresses = {
  host: new Set([8080, 8404]),
  backends: new Map([
    [9101, "web-1"],
    [9102, "web-2"],
  ]),
};

it("what the balancer listens on is open to all, and its upstreams are called by their names", () => {
  const config = {
    listeners: [{ bind: "127.0.0.1:8080" }],
    upstreams: [{ address: "127.0.0.1:9101" }, { address: "127.0.0.1:9102" }],
    admin: { bind: "127.0.0.1:8404" },
    note: "limit 9101",
  };
  expect(containerised(config, addresses, "the balancer's")).toEqual({
    listeners: [{ bind: "0.0.0.0:8080" }],
    upstreams: [{ address: "web-1:9101" }, { address: "web-2:9102" }],
    admin: { bind: "0.0.0.0:8404" },
    note: "limit 9101",
  });
});

it("others call the balancer by its machine's name", () => {
  expect(containerised({ service: "http://127.0.0.1:8080/x" }, addresses, "another's")).toEqual({
    service: "http://host:8080/x",
  });
});

it("an address without a unit stays one: nothing answers there either", () => {
  expect(containerised(["127.0.0.1:9199", "10.0.0.1:9101"], addresses, "the balancer's")).toEqual([
    "127.0.0.1:9199",
    "10.0.0.1:9101",
  ]);
});

it("a backend listens to all, and a prober shows its metrics to all", () => {
  expect(insideContainer("web-1", { role: "web", port: 9101 }, addresses)).toEqual({
    role: "web",
    port: 9101,
    host: "0.0.0.0",
  });
  expect(insideContainer("probe", { metricsPort: 9100 }, addresses)).toEqual({
    metricsPort: 9100,
    metricsHost: "0.0.0.0",
  });
});

it.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
  "no backend of %s is left on an address that means the container itself",
  (_, { paces }) => {
    const { topology } = paces.drill;
    const inside = JSON.stringify(
      containerised(topology.config, addressesOf(topology, [8080, 8404]), "the balancer's"),
    );
    for (const { name, port } of topology.backends) {
      expect(inside).not.toContain(`127.0.0.1:${port}`);
      if (JSON.stringify(topology.config).includes(`127.0.0.1:${port}`))
        expect(inside).toContain(`${name}:${port}`);
    }
  },
);
