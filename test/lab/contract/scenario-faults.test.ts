import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alertNames } from "../../../lab/contract/alert-names.ts";
import { faultsOf } from "../../../lab/contract/scenario-faults.ts";
import { shapeFaults } from "../../../lab/contract/scenario-shape.ts";
import { scenario as skeleton } from "../../../lab/contract/skeleton/scenario.ts";
import { SCENARIOS } from "../../../scenarios/index.ts";
import type { PaceSet, Scenario } from "../../../scenarios/scenario.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const { drill } = skeleton.paces;
const withDrill = (more: Partial<PaceSet>): Scenario => ({
  ...skeleton,
  paces: { drill: { ...drill, ...more }, report: skeleton.paces.report },
});

it.each([...SCENARIOS, skeleton].map((scenario) => [scenario.id, scenario] as const))(
  "%s has the shape of a scenario, and nothing that is not there",
  async (_id, scenario) => {
    expect(shapeFaults(scenario)).toEqual([]);
    expect(await faultsOf(scenario)).toEqual([]);
  },
);

describe("what a scenario names and is not there", () => {
  it.each<[string, Partial<PaceSet>, string, RegExp]>([
    [
      "a port outside of the plan",
      {
        topology: {
          ...drill.topology,
          backends: drill.topology.backends.map((one, i) => ({ ...one, port: i === 0 ? 80 : one.port })),
        },
      },
      "paces.drill.topology.backends[0].port",
      /80 is none of the ports/,
    ],
    [
      "a route that no user takes",
      { steadyState: { ...drill.steadyState, p95Ms: { page: 150, login: 100 } } },
      "paces.drill.steadyState.p95Ms.login",
      /is no route of these users: page/,
    ],
    [
      "a unit's setting",
      {
        mitigations: [
          {
            name: "more slots",
            steps: [{ do: "unit config", unit: "web-1", set: { "capacity.slot": "9" } }],
          },
        ],
      },
      'paces.drill.mitigations[0].steps[0] ("more slots")',
      /unknown setting capacity\.slot/,
    ],
    [
      "an act on what judges",
      { mitigations: [{ name: "fewer", steps: [{ do: "unit stop", unit: "load" }] }] },
      'paces.drill.mitigations[0].steps[0] ("fewer")',
      /load is an instrument of the judge/,
    ],
    [
      "what only another machine could do",
      {
        mitigations: [
          {
            name: "faster",
            steps: [{ do: "unit config", unit: "web-1", set: { "capacity.serviceMs": "9" } }],
          },
        ],
      },
      'paces.drill.mitigations[0].steps[0] ("faster")',
      /capacity\.serviceMs is what this machine is/,
    ],
    [
      "a package",
      { mitigations: [{ name: "away", steps: [{ do: "package uninstall", package: "nothing" }] }] },
      'paces.drill.mitigations[0].steps[0] ("away")',
      /no change installs/,
    ],
    [
      "an upstream",
      { mitigations: [{ name: "drain", steps: [{ do: "upstream drain", upstream: "web-77" }] }] },
      'paces.drill.mitigations[0].steps[0] ("drain")',
      /no configuration has an upstream web-77/,
    ],
    [
      "a change by its number",
      { mitigations: [{ name: "back", steps: [{ do: "change revert", change: "c1" }] }] },
      'paces.drill.mitigations[0].steps[0] ("back")',
      /there is no change c1: there is chg-1001 \(web 4\.2\.1: new footer\), chg-1002/,
    ],
    [
      "a fix twice",
      { mitigations: [{ name: "a longer queue", steps: [{ do: "unit restart", unit: "balancer" }] }] },
      "paces.drill.wrongFixes[2]",
      /there is another fix/,
    ],
    [
      "a setting of a fault",
      { prelude: [(stage) => stage.tune({ by: "a", summary: "b" }, "web-1", { nothing: "1" })] },
      "paces.drill.change",
      /web-1: unknown setting nothing/,
    ],
    [
      "an impact of nothing",
      { impact: { ...drill.impact, expectations: [{ figure: "failedRequestRatio", max: 1 }] } },
      "paces.drill.impact.expectations[0].min",
      /must be above 0/,
    ],
  ])("%s", async (_what, more, path, reason) => {
    const faults = await faultsOf(withDrill(more));
    expect(faults.filter((fault) => fault.path === path).map((fault) => fault.reason)).toEqual([
      expect.stringMatching(reason),
    ]);
  });
});

it("a playbook's fix that a pace does not have is found", async () => {
  const [first, ...rest] = skeleton.report.playbook;
  if (!first) throw new Error("the skeleton has a playbook");
  const playbook = [{ ...first, fix: "no such fix" }, ...rest];
  const faults = await faultsOf({ ...skeleton, report: { ...skeleton.report, playbook } });
  expect(faults.map(({ path }) => path)).toEqual(["report.playbook[0].fix", "report.playbook[0].fix"]);
  expect(faults[0]?.reason).toContain('paces.drill has no right fix "no such fix"');
});

it("a change that the log will have can be taken back by a fix", async () => {
  const back = { name: "back", steps: [{ do: "change revert", change: "chg-1002" }] } as const;
  expect(await faultsOf(withDrill({ mitigations: [back] }))).toEqual([]);
});

it("an alert that no rule has is found, with the nearest one, and those of our own scenarios are there", async () => {
  const known = alertNames(ROOT);
  const faults = await faultsOf(
    { ...skeleton, alerts: { mustFire: ["HighFailureRation"], mustNotFire: [] } },
    known,
  );
  expect(faults).toEqual([
    {
      path: "alerts.mustFire[0]",
      reason: "there is no alert HighFailureRation: did you mean HighFailureRatio?",
    },
  ]);
  for (const scenario of SCENARIOS) expect(await faultsOf(scenario, known)).toEqual([]);
});

describe("words of a scenario's own", () => {
  const mechanisms = {
    "clock-skew": "two machines do not agree on the time",
    "certificate-expired": "a certificate is past its date",
    "disk-full": "nothing can be written any more",
  };
  const withWords = (diagnosis: Partial<Scenario["diagnosis"]>): Scenario => ({
    ...skeleton,
    diagnosis: { ...skeleton.diagnosis, ...diagnosis },
  });
  const accepted = [{ component: "web", mechanism: "disk-full", scope: "everyone" }] as const;

  it("can be the answer", async () => {
    const scenario = withWords({ words: { mechanisms }, accepted });
    expect(shapeFaults(scenario)).toEqual([]);
    expect(await faultsOf(scenario)).toEqual([]);
    expect((await faultsOf(withWords({ accepted }))).map(({ path }) => path)).toEqual([
      "diagnosis.accepted[0].mechanism",
    ]);
  });

  it("are looked for in what is refuted and in the playbook, too", async () => {
    const refuted = [{ scope: "everyone", because: "a" } as const, { mechanism: "disc-full", because: "b" }];
    expect(await faultsOf(withWords({ words: { mechanisms }, refuted }))).toEqual([
      {
        path: "diagnosis.refuted[1].mechanism",
        reason: expect.stringMatching(
          /^must be one of port-taken, .*disk-full; did you mean disk-full\?$/,
        ) as string,
      },
    ]);
    const [first, ...rest] = skeleton.report.playbook;
    if (!first) throw new Error("the skeleton has a playbook");
    const playbook = [{ ...first, diagnosis: accepted[0] }, ...rest];
    const faults = await faultsOf({ ...skeleton, report: { ...skeleton.report, playbook } });
    expect(faults.map(({ path }) => path)).toEqual(["report.playbook[0].diagnosis.mechanism"]);
  });

  it.each(["components", "mechanisms"] as const)(
    "%s are three at least: one alone would be the answer",
    (kind) => {
      const two = { "clock-skew": "a", "disk-full": "b" };
      expect(shapeFaults(withWords({ words: { [kind]: two } }))).toEqual([
        { path: `diagnosis.words.${kind}`, reason: expect.stringContaining("3 words at least") as string },
      ]);
      expect(shapeFaults(withWords({ words: { [kind]: { ...two, more: "c" } } }))).toEqual([]);
    },
  );

  it("have a meaning that the lab's own list has not, and give nothing away", async () => {
    const [spoiler] = skeleton.spoilers;
    const words = {
      mechanisms: { ...mechanisms, "database-slow": "mine" },
      components: { dns: "names", tls: `about ${spoiler}`, disk: "what is written to" },
    };
    expect(await faultsOf(withWords({ words }))).toEqual([
      {
        path: "diagnosis.words.mechanisms.database-slow",
        reason: expect.stringContaining("already") as string,
      },
      { path: "diagnosis.words.components.tls", reason: `contains "${spoiler}", which would give it away` },
    ]);
  });
});
