import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseBackendConfig } from "../../backends/config.ts";
import { stageCallsOf } from "../../lab/contract/stage-calls.ts";
import { loadConfig } from "../../lab/load/config.ts";
import { probeConfig } from "../../lab/probe/config.ts";
import { portPlan } from "../../lab/world/ports.ts";
import { outsideUnits } from "../../lab/world/topology.ts";
import { action, type Action } from "../../scenarios/action.ts";
import { MECHANISMS, SCOPES } from "../../scenarios/diagnosis.ts";
import { findScenario, SCENARIOS } from "../../scenarios/index.ts";
import { PACES, type BackendSpec, type Scenario } from "../../scenarios/scenario.ts";
import { configText } from "../../scenarios/shop.ts";

/** Each scenario at each of its paces, as if that were the only one it has. */
const AT_EACH_PACE = SCENARIOS.flatMap((scenario) =>
  PACES.map((pace) => ({
    name: `${scenario.id} at pace ${pace}`,
    scenario: { ...scenario, paces: { drill: scenario.paces[pace], report: scenario.paces[pace] } },
  })),
);

const ROOT = join(import.meta.dirname, "..", "..", "scenarios");
const plan = portPlan();
const PLANNED = new Set([plan.listener, plan.admin, plan.control, ...plan.backends]);

const askedOf = ({ paces }: Scenario) => stageCallsOf(paces.drill);

const fixesOf = ({ paces: { drill } }: Scenario) => [
  ...drill.rightFixes,
  ...drill.mitigations,
  ...drill.wrongFixes,
];
const stepsOf = (scenario: Scenario): Action[] => fixesOf(scenario).flatMap(({ steps }) => [...steps]);

/** Every configuration of a scenario as its text: the topology's, the change's and those of its fixes. */
async function configsOf(scenario: Scenario): Promise<string[]> {
  const { configs } = await askedOf(scenario);
  return [
    configText(scenario.paces.drill.topology.config),
    ...configs.map(configText),
    ...stepsOf(scenario).flatMap((step) => (step.do === "config apply" ? [step.yaml] : [])),
  ];
}

const portsIn = (text: string): number[] =>
  [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));

const specOf = ({ restartDelayMs: _delay, ...spec }: BackendSpec) => ({ ...spec, seed: 1 });

it("every scenario has an alias of its own that is no id, and is found by both", () => {
  const names = SCENARIOS.flatMap(({ id, alias }) => [id, alias]);
  expect(new Set(names).size).toBe(names.length);
  for (const scenario of SCENARIOS) {
    expect(findScenario(scenario.alias)).toBe(scenario);
    expect(findScenario(scenario.id)).toBe(scenario);
  }
  expect(findScenario("nothing like it")).toBeUndefined();
});

for (const { name, scenario } of AT_EACH_PACE)
  describe(`${name}: what it is made of`, () => {
    const { drill } = scenario.paces;
    const { topology, workload, steadyState, impact } = drill;

    it("has backends that would start", async () => {
      const { packages } = await askedOf(scenario);
      for (const spec of [...topology.backends, ...packages.map(({ unit }) => unit)])
        expect(() => parseBackendConfig(specOf(spec)), spec.name).not.toThrow();
    });

    it("has users and a load that would start", () => {
      const settings = { seed: 1, listener: "127.0.0.1:8080", balancer: {}, probeMetricsPort: 9100 };
      const sessions = workload.users.login ? ["s1"] : undefined;
      const [probe, load] = outsideUnits(topology, workload, settings, sessions);
      expect(probeConfig.safeParse({ ...probe?.config, name: "probe" }).error).toBeUndefined();
      expect(loadConfig.safeParse({ ...load?.config, name: "load" }).error).toBeUndefined();
      expect([probe?.outside, load?.outside]).toEqual([true, true]);
    });

    it("keeps to the ports of the plan, one backend each", async () => {
      const { packages, configs } = await askedOf(scenario);
      const own = topology.backends.map(({ port }) => port);
      expect(new Set(own).size).toBe(own.length);
      for (const port of own) expect(plan.backends).toContain(port);
      const all = [
        ...(await configsOf(scenario)).flatMap(portsIn),
        ...portsIn(JSON.stringify([topology, packages, configs, stepsOf(scenario)])),
        ...packages.map(({ unit }) => unit.port),
        ...stepsOf(scenario).flatMap((step) =>
          step.do === "unit config" && step.set["port"] !== undefined ? [Number(step.set["port"])] : [],
        ),
      ];
      expect(all.filter((port) => !PLANNED.has(port))).toEqual([]);
    });

    it("calls only servers of its own, but for a package of another environment", () => {
      const own = new Set([...topology.backends.map(({ port }) => port), plan.listener]);
      const called = topology.backends.flatMap(({ calls }) => portsIn(JSON.stringify(calls ?? {})));
      expect(called.filter((port) => !own.has(port))).toEqual([]);
    });

    it("has limits for the routes that its users use", () => {
      const routes = new Set(["page", ...(workload.users.login ? ["account", "login"] : [])]);
      if (workload.apiPerSecond !== undefined) routes.add("api");
      expect(Object.keys(steadyState.p95Ms).sort()).toEqual([...routes].sort());
      for (const expectation of impact.expectations)
        if ("route" in expectation) expect(routes).toContain(expectation.route);
    });

    it("expects what the report states first, in a band around it", () => {
      const [first] = impact.expectations;
      expect(["failedRequestRatio", "affectedUserRatio"]).toContain(first.figure);
      expect(first.min).toBeGreaterThan(0);
      expect(first.min).toBeLessThanOrEqual(scenario.report.impactRatio);
      expect(first.max ?? 1).toBeGreaterThanOrEqual(scenario.report.impactRatio);
    });

    it("claims what can be measured, and contradicts what its report contradicts", () => {
      const { claims, contradictions, playbook } = scenario.report;
      const names = [...claims.map((claim) => claim.name), ...playbook.map(({ says }) => says)];
      expect(new Set(names).size).toBe(names.length);
      for (const { measure, contradicted } of claims) {
        if (contradicted !== undefined)
          expect(contradictions.map(({ claim }) => claim)).toContain(contradicted);
        if (measure.of !== "figure") continue;
        const expected = scenario.paces.report.impact.expectations.map((one) =>
          "route" in one ? `${one.figure} ${one.route}` : one.figure,
        );
        if (name.endsWith("report"))
          expect(expected).toContain([measure.figure, measure.route].filter(Boolean).join(" "));
      }
    });

    it("lists every sentence of its report that has a figure or an order, and what became of it", () => {
      const { claims, contradictions, playbook, statements } = scenario.report;
      expect(statements.map(({ n }) => n)).toEqual(statements.map((_, i) => i + 1));
      const became = statements.flatMap((statement) => statement.became);
      const named = (kind: "claim" | "step" | "contradiction"): string[] =>
        became.flatMap((one) => (kind in one ? [Object.values(one)[0] as string] : []));
      // What is named is there, and what is the report's is named.
      const reported = <T extends { readonly ours?: true }>(all: readonly T[]): T[] =>
        all.filter(({ ours }) => !ours);
      expect(claims.map(({ name }) => name)).toEqual(expect.arrayContaining(named("claim")));
      expect(named("claim")).toEqual(expect.arrayContaining(reported(claims).map(({ name }) => name)));
      expect(playbook.map(({ says }) => says)).toEqual(expect.arrayContaining(named("step")));
      // Minute 0 is the page's, and is a claim already.
      const later = reported(playbook).filter(({ minute }) => minute > 0);
      expect(named("step")).toEqual(expect.arrayContaining(later.map(({ says }) => says)));
      expect([...new Set(named("contradiction"))].sort()).toEqual(
        contradictions.map(({ claim }) => claim).sort(),
      );
    });

    it("gives no minute of its own for one of its report", () => {
      const { number, timeline, playbook } = scenario.report;
      const ours = playbook.filter(({ ours }) => ours).map(({ minute }) => minute);
      expect(ours).toEqual({ "000": [12.5, 13.5], "001": [30, 60, 90, 120, 135] }[number] ?? []);
      expect(timeline.filter(({ minute }) => ours.includes(minute))).toEqual([]);
    });

    it("reports minutes and losses that fit together", () => {
      const { minutes, impactRatio, userMinutesLostPer1000, timeline } = scenario.report;
      expect(userMinutesLostPer1000).toBe(minutes.restore * impactRatio * 1000);
      expect(timeline.map(({ minute }) => minute)).toEqual(
        timeline.map(({ minute }) => minute).sort((a, b) => a - b),
      );
      expect(timeline.at(-1)?.minute).toBe(minutes.restore);
    });
  });

for (const { name, scenario } of AT_EACH_PACE)
  describe(`${name}: its fixes`, () => {
    const { drill } = scenario.paces;

    it("are enough: two right ones and five wrong ones at least, each with a name of its own and a step", () => {
      expect(drill.rightFixes.length).toBeGreaterThanOrEqual(2);
      expect(drill.wrongFixes.length).toBeGreaterThanOrEqual(5);
      const names = fixesOf(scenario).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { steps } of fixesOf(scenario)) expect(steps.length).toBeGreaterThan(0);
    });

    it("are made of actions that anybody can type", () => {
      for (const step of stepsOf(scenario)) expect(action.safeParse(step).error).toBeUndefined();
    });
  });

for (const { name, scenario } of AT_EACH_PACE)
  describe(`${name}: no spoilers`, () => {
    const brief = readFileSync(join(ROOT, scenario.id, "brief.md"), "utf8");
    const words = [
      ...scenario.spoilers,
      ...scenario.id.split("-"),
      scenario.id,
      scenario.id.replace("-", " "),
    ];
    const spoilers = scenario.spoilers.map((word) => word.toLowerCase());

    it("has words that give it away, its id among them or implied by them", () => {
      expect(spoilers.length).toBeGreaterThan(0);
      for (const spoiler of spoilers) expect(spoiler).toBe(spoiler.trim());
    });

    it("its alias and its brief contain neither such a word nor its id", () => {
      for (const word of [...spoilers, scenario.id, scenario.id.replace("-", " ")])
        for (const text of [scenario.alias, brief])
          expect(text.toLowerCase().replaceAll("\n", " ")).not.toContain(word);
      for (const word of words) expect(scenario.alias).not.toContain(word);
    });

    it("nor do its hints, the change log, the names of its units and its configurations", async () => {
      const { texts } = await askedOf(scenario);
      const seen = [
        ...scenario.hints,
        ...texts,
        ...(await configsOf(scenario)),
        JSON.stringify(scenario.paces.drill.topology),
      ];
      for (const spoiler of spoilers)
        for (const text of seen) expect(text.toLowerCase()).not.toContain(spoiler);
    });

    it("the words of a diagnosis are the same for everybody, decoys included", () => {
      for (const { mechanism, scope } of scenario.diagnosis.accepted) {
        expect(Object.keys(MECHANISMS)).toContain(mechanism);
        expect(Object.keys(SCOPES)).toContain(scope);
      }
      for (const { because } of scenario.diagnosis.refuted) expect(because).not.toBe("");
    });

    it("its false leads are refuted, and point at something that is there", async () => {
      const { packages, units } = await askedOf(scenario);
      const there = new Set([
        ...scenario.paces.drill.topology.backends.map(({ name }) => name),
        ...packages.flatMap(({ name, unit }) => [name, unit.name]),
        ...units.map(({ unit }) => unit),
        "config",
        "deploy",
        "package",
        "tune",
        "restart",
      ]);
      for (const { refutedBy, subjects } of scenario.falseLeads) {
        expect(refutedBy).not.toBe("");
        expect(subjects.filter((subject) => !there.has(subject))).toEqual([]);
      }
    });
  });
