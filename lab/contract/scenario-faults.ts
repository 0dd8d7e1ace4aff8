import { nearest } from "../../lb/config/did-you-mean.ts";
import { parseBalancerConfig } from "../../lb/config/parse.ts";
import { messageOf } from "../../runtime/errors.ts";
import type { Action } from "../../scenarios/action.ts";
import type { PaceSet, Scenario } from "../../scenarios/scenario.ts";
import { configText } from "../../scenarios/shop.ts";
import type { UnitDefinition } from "../world/host.ts";
import { changeId } from "../world/change-log.ts";
import { allPorts, portPlan } from "../world/ports.ts";
import { refusalOf } from "../world/refusal.ts";
import { backendUnit, balancerUnit, outsideUnits, packageDefinition } from "../world/topology.ts";
import { changeConfig } from "../world/unit-config.ts";
import { stageCallsOf, type StageCalls } from "./stage-calls.ts";
import type { ScenarioFault } from "./scenario-shape.ts";
import { ownWordsOf, wordFaults } from "./word-faults.ts";

/** Faults of a scenario whose shape is right: names that do not exist, configurations that the balancer would refuse. */
export async function faultsOf(
  scenario: Scenario,
  /** Every alert that there is; absent: any name will do. */
  alerts?: ReadonlySet<string>,
): Promise<ScenarioFault[]> {
  const faults: ScenarioFault[] = alerts ? alertFaults(scenario, alerts) : [];
  const reported = new Set<string>();
  for (const [name, pace] of Object.entries(scenario.paces))
    await paceFaults(pace, (path, reason) => {
      // One pace is often made of the other, with its faults.
      if (reported.has(`${path}: ${reason}`)) return;
      reported.add(`${path}: ${reason}`);
      faults.push({ path: `paces.${name}.${path}`, reason });
    });
  for (const [name, { rightFixes }] of Object.entries(scenario.paces))
    scenario.report.playbook.forEach(({ fix }, i) => {
      if (fix !== undefined && !rightFixes.some((right) => right.name === fix))
        faults.push({
          path: `report.playbook[${i}].fix`,
          reason: `paces.${name} has no right fix "${fix}": it has ${rightFixes.map((right) => right.name).join("; ")}`,
        });
    });
  faults.push(...wordFaults(scenario));
  const words = [scenario.id, ...scenario.spoilers].map((word) => word.toLowerCase());
  for (const [path, text] of [
    ["alias", scenario.alias],
    ...scenario.hints.map((hint, i) => [`hints[${i}]`, hint]),
    ...ownWordsOf(scenario),
  ] as const) {
    const word = words.find((one) => text.toLowerCase().includes(one));
    if (word !== undefined) faults.push({ path, reason: `contains "${word}", which would give it away` });
  }
  return faults;
}

/** Alerts that a scenario names and no rule has. */
function alertFaults({ alerts, report }: Scenario, known: ReadonlySet<string>): ScenarioFault[] {
  const named = [
    ...(["mustFire", "mustNotFire"] as const).flatMap((list) =>
      alerts[list].map((name, i) => ({ path: `alerts.${list}[${i}]`, name })),
    ),
    ...report.claims.flatMap(({ measure }, i) =>
      measure.of === "minute" && measure.moment.at === "alert"
        ? [{ path: `report.claims[${i}].measure.moment.alert`, name: measure.moment.alert }]
        : [],
    ),
  ];
  return named
    .filter(({ name }) => !known.has(name))
    .map(({ path, name }) => {
      const near = nearest(name, known);
      const hint = near === undefined ? `there is ${[...known].join(", ")}` : `did you mean ${near}?`;
      return { path, reason: `there is no alert ${name}: ${hint}` };
    });
}

type Note = (path: string, reason: string) => void;

async function paceFaults(pace: PaceSet, note: Note): Promise<void> {
  let calls: StageCalls;
  try {
    calls = await stageCallsOf(pace);
  } catch (error) {
    return note("change", `cannot be asked for: ${messageOf(error)}`);
  }
  configFaults(pace, calls, note);
  portFaults(pace, calls, note);
  routeFaults(pace, note);
  fixFaults(pace, calls, note);
}

const fixesOf = (pace: PaceSet) =>
  (["rightFixes", "mitigations", "wrongFixes"] as const).flatMap((list) =>
    pace[list].map(({ name, steps }, i) => ({ path: `${list}[${i}]`, name, steps })),
  );

const stepsOf = (pace: PaceSet): { readonly path: string; readonly step: Action }[] =>
  fixesOf(pace).flatMap(({ path, name, steps }) =>
    steps.map((step, i) => ({ path: `${path}.steps[${i}] ("${name}")`, step })),
  );

/** Every configuration, as its text, by its path. */
function configsOf(pace: PaceSet, calls: StageCalls): { readonly path: string; readonly yaml: string }[] {
  return [
    { path: "topology.config", yaml: configText(pace.topology.config) },
    ...calls.configs.map((config) => ({ path: "change", yaml: configText(config) })),
    ...stepsOf(pace).flatMap(({ path, step }) =>
      step.do === "config apply" ? [{ path, yaml: step.yaml }] : [],
    ),
  ];
}

function configFaults(pace: PaceSet, calls: StageCalls, note: Note): void {
  for (const { path, yaml } of configsOf(pace, calls)) {
    const parsed = parseBalancerConfig(yaml, "config");
    if (!parsed.ok) for (const fault of parsed.faults) note(path, `${fault.path}: ${fault.message}`);
  }
  const own = new Map(pace.topology.backends.map(({ name, port }) => [name, `127.0.0.1:${port}`]));
  for (const [pool, { upstreams }] of Object.entries(pace.topology.config.pools))
    for (const { name, address } of upstreams)
      if (own.get(name) !== address)
        note(
          `topology.config.pools.${pool}`,
          `upstream ${name} is at ${address}, where steady state has no backend of that name`,
        );
}

function portFaults(pace: PaceSet, { packages }: StageCalls, note: Note): void {
  const plan = portPlan();
  const planned = new Set(allPorts(plan));
  const taken = new Map<number, string>();
  pace.topology.backends.forEach(({ name, port }, i) => {
    const path = `topology.backends[${i}].port`;
    if (!plan.backends.includes(port))
      note(path, `${port} is none of the ports of backends, ${plan.backends[0]} to ${plan.backends.at(-1)}`);
    const other = taken.get(port);
    if (other !== undefined) note(path, `${port} is ${other}'s already`);
    taken.set(port, name);
  });
  for (const { name, unit } of packages)
    if (!planned.has(unit.port))
      note("change", `package ${name} listens on ${unit.port}, a port that no lab has`);
}

function routeFaults({ topology, workload, steadyState, impact }: PaceSet, note: Note): void {
  const routes = new Set(["page", ...(workload.users.login ? ["account", "login"] : [])]);
  if (workload.apiPerSecond !== undefined) {
    routes.add("api");
    if (!topology.backends.some(({ role }) => role === "api"))
      note("workload.apiPerSecond", "calls an API, and no backend has the role api");
  }
  for (const route of Object.keys(steadyState.p95Ms))
    if (!routes.has(route))
      note(`steadyState.p95Ms.${route}`, `is no route of these users: ${[...routes].join(", ")}`);
  impact.expectations.forEach((expectation, i) => {
    if ("route" in expectation && !routes.has(expectation.route))
      note(`impact.expectations[${i}].route`, `is no route of these users: ${[...routes].join(", ")}`);
  });
  const [first] = impact.expectations;
  if (first.min === undefined || first.min <= 0)
    note("impact.expectations[0].min", "must be above 0: half of it shows that the impact is there");
}

function fixFaults(pace: PaceSet, calls: StageCalls, note: Note): void {
  const { topology, workload } = pace;
  const settings = { seed: 1, listener: "127.0.0.1:8080", balancer: {}, probeMetricsPort: 9100 };
  const units = new Map<string, UnitDefinition>(
    [
      ...topology.backends.map((spec) => backendUnit(spec, 1)),
      ...calls.packages.flatMap((spec) => packageDefinition(spec, 1).units),
      ...outsideUnits(topology, workload, settings, undefined),
      balancerUnit(settings),
    ].map((unit) => [unit.name, unit]),
  );
  const upstreams = new Set(
    configsOf(pace, calls).flatMap(({ yaml }) => {
      const parsed = parseBalancerConfig(yaml, "config");
      return parsed.ok
        ? Object.values(parsed.config.pools).flatMap((pool) => pool.upstreams.map(({ name }) => name))
        : [];
    }),
  );
  const changes = new Set(calls.changes.map((_, i) => changeId(i)));
  const names = new Set<string>();
  for (const { path, name } of fixesOf(pace)) {
    if (names.has(name)) note(path, `there is another fix "${name}"`);
    names.add(name);
  }
  const changed = (path: string, unit: string, set: Readonly<Record<string, string>>): void => {
    const definition = units.get(unit);
    if (!definition) return note(path, `there is no unit ${unit}: there is ${[...units.keys()].join(", ")}`);
    const result = changeConfig(definition.config, set);
    if (!result.ok) note(path, `${unit}: ${result.message}`);
  };
  for (const { unit, set } of calls.units) changed("change", unit, set);
  for (const { path, step } of stepsOf(pace)) {
    if ("unit" in step) changed(path, step.unit, step.do === "unit config" ? step.set : {});
    const refusal = refusalOf(step, (name) => {
      const definition = units.get(name);
      return definition && { definition, config: definition.config };
    });
    if (refusal !== undefined) note(path, refusal);
    if ("package" in step && !calls.packages.some(({ name }) => name === step.package))
      note(path, `no change installs a package ${step.package}`);
    if ("upstream" in step && !upstreams.has(step.upstream))
      note(path, `no configuration has an upstream ${step.upstream}`);
    if (step.do === "change revert" && !changes.has(step.change))
      note(
        path,
        `there is no change ${step.change}: there is ${calls.changes.map((summary, i) => `${changeId(i)} (${summary})`).join(", ")}`,
      );
  }
}
