import { describe, expect, it } from "vitest";
import { backendUnit, balancerUnit, outsideUnits, packageDefinition } from "../../../lab/world/topology.ts";
import { authBottleneck } from "../../../scenarios/auth-bottleneck/scenario.ts";
import { portConflict } from "../../../scenarios/port-conflict/scenario.ts";
import type { BackendSpec } from "../../../scenarios/scenario.ts";
import { unevenWeights } from "../../../scenarios/uneven-weights/scenario.ts";

const settings = {
  seed: 7,
  listener: "127.0.0.1:8080",
  balancer: { configPath: "balancer.yaml" },
  probeMetricsPort: 9100,
};
const spec: BackendSpec = {
  name: "kiosk",
  role: "site",
  port: 9120,
  version: "2.3.1",
  capacity: { slots: 1, serviceMs: 1, queueLimit: 1 },
  restartDelayMs: 4000,
};

describe("the units of a topology", () => {
  it("a backend's has its specification as its configuration, and the lab's seed", () => {
    const { restartDelayMs: _delay, ...config } = spec;
    expect(backendUnit(spec, 7)).toMatchObject({
      name: "kiosk",
      program: "backend",
      enabled: true,
      restart: { when: "on-failure", delayMs: 4000 },
    });
    expect(backendUnit(spec, 7).config).toEqual({ ...config, seed: 7 });
  });

  it("a backend is restarted half a second after its failure by default", () => {
    const { restartDelayMs: _delay, ...rest } = spec;
    expect(backendUnit(rest, 7).restart.delayMs).toBe(500);
  });

  it("the balancer's fails for good after five starts in ten seconds", () => {
    expect(balancerUnit(settings)).toMatchObject({
      name: "balancer",
      config: settings.balancer,
      restart: { when: "on-failure", startLimit: { burst: 5, intervalMs: 10_000 } },
    });
  });

  it("a package's keeps its order ahead of others, and its owner", () => {
    const [unit] = packageDefinition(
      { name: "kiosk", version: "2.3.1", environment: "staging", before: ["balancer"], unit: spec },
      7,
    ).units;
    expect(unit).toMatchObject({ name: "kiosk", before: ["balancer"], owner: "kiosk", enabled: true });
  });

  it("users and load are outside of the machine: its restart does not stop them", () => {
    const { topology, workload } = unevenWeights.paces.drill;
    const units = outsideUnits(topology, workload, settings, undefined);
    expect(units.map(({ name, outside }) => [name, outside])).toEqual([
      ["probe", true],
      ["load", true],
    ]);
    expect(units.map(({ config }) => config["target"])).toEqual([
      "http://127.0.0.1:8080",
      "http://127.0.0.1:8080",
    ]);
  });

  it("users sign in where a workload says so, with the sessions they come with", () => {
    const { topology, workload } = authBottleneck.paces.drill;
    const [probe] = outsideUnits(topology, workload, settings, ["a", "b"]);
    expect(probe?.config["login"]).toEqual({ ...workload.users.login, sessions: ["a", "b"] });
    const [fresh] = outsideUnits(topology, workload, settings, undefined);
    expect(fresh?.config["login"]).toEqual(workload.users.login);
  });

  it("the dependent API is called where there is one", () => {
    const { topology, workload } = portConflict.paces.drill;
    const [probe] = outsideUnits(topology, workload, settings, undefined);
    expect(probe?.config["api"]).toEqual({ target: "http://127.0.0.1:9115", perSecond: 5 });
    const other = unevenWeights.paces.drill;
    const [without] = outsideUnits(other.topology, other.workload, settings, undefined);
    expect(without?.config).not.toHaveProperty("api");
  });
});
