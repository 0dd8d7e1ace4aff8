import { describe, expect, it } from "vitest";
import { portPlan } from "../../../lab/world/ports.ts";
import { refusalOf } from "../../../lab/world/refusal.ts";
import { backendUnit, balancerUnit, evaluatorUnit, outsideUnits } from "../../../lab/world/topology.ts";
import { relayUnit } from "../../../lab/world/docker/stack.ts";
import type { Action } from "../../../scenarios/action.ts";
import { authBottleneck } from "../../../scenarios/auth-bottleneck/scenario.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";

const { topology, workload } = authBottleneck.paces.drill;
const settings = { seed: 1, listener: "127.0.0.1:8080", balancer: { configPath: "b" }, probeMetricsPort: 1 };
const instruments = [
  ...outsideUnits(topology, workload, settings, undefined),
  evaluatorUnit(topology, {
    plan: portPlan(),
    tokenPath: "t",
    dashboards: "d",
    notify: {},
  }),
  relayUnit,
];
const units = [
  ...instruments,
  balancerUnit(settings),
  ...topology.backends.map((spec) => backendUnit(spec, 1)),
];
const refused = (step: Action): string | undefined =>
  refusalOf(step, (name) => {
    const definition = units.find((unit) => unit.name === name);
    return definition && { definition, config: definition.config };
  });
const set = (unit: string, path: string, value = "1"): Action => ({
  do: "unit config",
  unit,
  set: { [path]: value },
});

const VERBS = ["start", "stop", "restart", "kill", "enable", "disable"] as const;

describe("what judges", () => {
  it.each(instruments.map(({ name }) => name))("%s is reached by no act", (unit) => {
    for (const verb of VERBS)
      expect(refused({ do: `unit ${verb}`, unit })).toMatch(/instrument of the judge/);
    expect(refused(set(unit, "target"))).toBe(`${unit} is an instrument of the judge: no act reaches it`);
  });
});

describe("a server's settings", () => {
  it.each(["version", "port", "capacity.queueLimit"])("%s can be set", (path) => {
    expect(refused(set("web-1", path))).toBeUndefined();
  });

  it("addresses that it calls can be set, one or all", () => {
    expect(refused(set("web-1", "calls.database", "http://127.0.0.1:9116"))).toBeUndefined();
    expect(refused(set("web-1", "calls", "{}"))).toBeUndefined();
  });

  it.each([
    ["auth-1", "capacity.serviceMs"],
    ["auth-1", "capacity.slots"],
    ["auth-1", "capacity"],
    ["auth-1", "sessionSeconds"],
    ["web-1", "role"],
    ["web-1", "seed"],
    ["balancer", "configPath"],
  ])("%s: %s is the machine's", (unit, path) => {
    expect(refused(set(unit, path))).toMatch(new RegExp(`^${unit}: ${path} is what this machine is`));
  });

  it("one of several that is none refuses all", () => {
    expect(
      refused({ do: "unit config", unit: "web-1", set: { version: "4", "capacity.slots": "99" } }),
    ).toMatch(/capacity\.slots/);
  });

  it("one that does not exist is left to the unit's own check", () => {
    expect(refused(set("web-1", "capacity.slot"))).toBeUndefined();
    expect(refused(set("web-77", "port"))).toBeUndefined();
  });
});

it("nothing that a scenario lists as a fix is refused", () => {
  for (const { paces } of SCENARIOS)
    for (const pace of Object.values(paces)) {
      const steps = [...pace.rightFixes, ...pace.mitigations, ...pace.wrongFixes].flatMap((fix) => fix.steps);
      for (const step of steps)
        expect(
          refusalOf(step, (name) => {
            const spec = pace.topology.backends.find((backend) => backend.name === name);
            const definition = spec && backendUnit(spec, 1);
            return definition && { definition, config: definition.config };
          }),
        ).toBeUndefined();
    }
});
