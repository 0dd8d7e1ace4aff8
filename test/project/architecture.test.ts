import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, ROOT, sources, within } from "./imports.ts";

/** What each part may import of ours; `type X` allows types of X only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  lb: ["runtime"],
  backends: ["runtime"],
  scenarios: ["type lb", "type backends", "runtime/yaml/write.ts"],
  "lab/probe": ["runtime"],
  "lab/load": ["runtime"],
  "lab/observe": ["runtime"],
  "lab/judge": ["runtime", "scenarios", "lab/probe", "lab/observe"],
  "lab/world/simulated": [
    "runtime",
    "lb",
    "backends",
    "type scenarios",
    "lab/probe",
    "lab/load",
    "lab/observe",
    "lab/world",
  ],
  "lab/world": [
    "runtime",
    "lb",
    "scenarios",
    "type lab/probe",
    "lab/observe",
    "lab/trainee/actor.ts",
    "lab/world",
  ],
  "lab/drill": [
    "runtime",
    "scenarios",
    "lab/judge",
    "lab/observe",
    "lab/trainee/actor.ts",
    "type lab/world",
    "type lab/measures",
  ],
  "lab/measures": ["runtime", "scenarios", "lb/config", "type lb", "type lab"],
  "lab/trainee": [
    "runtime",
    "lb/config/lint/pages.ts",
    "lb/config/did-you-mean.ts",
    "lb/pick-reasons.ts",
    "type lb",
    "scenarios",
    "lab/judge",
    "lab/probe",
    "lab/world/visit.ts",
    "type lab",
  ],
  "lab/responders": ["runtime", "type scenarios", "scenarios/action.ts", "scenarios/playbook.ts", "type lab"],
  "lab/events": ["runtime", "lab/judge", "lab/trainee", "type lab"],
  "lab/control": ["runtime", "lb", "scenarios", "lab"],
  "lab/contract": ["runtime", "lb", "backends", "scenarios", "lab"],
  "lab/matrix": ["runtime", "scenarios", "lab"],
  "lab/fidelity": ["runtime", "type scenarios", "scenarios/claim.ts", "scenarios/playbook.ts", "lab"],
  "lab/sandbox": ["runtime", "lb", "backends/capacity.ts", "lab/events", "lab/world"],
  "lab/simulate": ["runtime", "type scenarios", "scenarios/scenario.ts", "lab"],
  "lab/chart": ["type lab"],
  "lab/cli": ["runtime", "lb", "scenarios", "lab"],
  package: ["runtime", "lb", "type backends", "scenarios"],
  "package/pack": [],
};

/** The places where incidents happen; what two of them share is beside them. */
const WORLDS = ["lab/world/live", "lab/world/docker", "lab/world/simulated"];

/** The part that a source belongs to: the innermost of those listed. */
const partOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((part) => within(file, part))
    .sort((a, b) => b.length - a.length)[0];

describe("imports", () => {
  for (const [folder, allowed] of Object.entries(MAY_IMPORT))
    it(`${folder} imports only ${allowed.join(", ") || "itself"}`, () => {
      const wrong = sources(folder)
        .filter((file) => partOf(file) === folder)
        .flatMap(importsOf)
        .filter(
          ({ to, typeOnly }) =>
            !within(to, folder) &&
            !allowed.some((rule) =>
              rule.startsWith("type ") ? typeOnly && within(to, rule.slice(5)) : within(to, rule),
            ),
        )
        .map(({ from, to }) => `${from} imports ${to}`);
      expect(wrong).toEqual([]);
    });

  it("nothing in the drill, the judge, the measures or what all worlds share imports in a circle, types included", () => {
    const files = ["lab/drill", "lab/judge", "lab/measures", "lab/world"]
      .flatMap(sources)
      .filter((file) => !/^lab\/world\/[^/]+\//.test(file));
    const graph = new Map(files.map((file) => [file, importsOf(file).map(({ to }) => to)]));
    const reaches = (from: string, seen = new Set<string>()): Set<string> => {
      for (const to of graph.get(from) ?? []) if (!seen.has(to)) reaches(to, seen.add(to));
      return seen;
    };
    expect(files.filter((file) => reaches(file).has(file))).toEqual([]);
  });

  it("every source belongs to a part that is listed", () => {
    const parts = Object.keys(MAY_IMPORT);
    const stray = ["runtime", "lb", "backends", "scenarios", "lab", "package"]
      .flatMap(sources)
      .filter((file) => !parts.some((part) => within(file, part)));
    expect(stray).toEqual([]);
  });

  it("no world imports another, and what they share imports none of them", () => {
    const wrong = sources("lab/world")
      .flatMap(importsOf)
      .filter(({ from, to }) => WORLDS.some((world) => within(to, world) && !within(from, world)));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("the simulated world has nothing of what is done with files and over HTTP", () => {
    const wrong = sources("lab/world/simulated")
      .flatMap(importsOf)
      .filter(({ to }) => within(to, "lab/world/run") || within(to, "lab/world/http"));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("a responder gets nothing of a scenario but the words of its actions", () => {
    const reached = sources("lab/responders")
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => within(to, "scenarios") && !typeOnly);
    expect(reached.map(({ to }) => to).filter((to) => to !== "scenarios/action.ts")).toEqual([]);
  });
});

/**
 * The groups within lb/ in the order of their dependencies: contracts, what knows only those, and so on up to
 * the composition. A group takes values only of groups in lines above its own; types may come from everywhere.
 */
const LB_LAYERS: readonly (readonly string[])[] = [
  ["address.ts", "balancer.ts", "exchange.ts", "observers.ts", "outcome.ts", "pick-reasons.ts", "reasons.ts"],
  ["policies", "request", "telemetry", "transport"],
  ["pool"],
  ["config"],
  ["listener"],
  ["admin"],
  ["generations.ts"],
  ["create-balancer.ts"],
  ["assembly"],
  ["assemble.ts"],
  ["process.ts", "run.ts"],
  ["main.ts"],
];

describe("within the balancer", () => {
  const groupOf = (file: string): string => file.split("/")[1] ?? "";
  const layerOf = (file: string): number => LB_LAYERS.findIndex((layer) => layer.includes(groupOf(file)));

  it("every folder and every file at the root has its place in the order of the groups", () => {
    expect(sources("lb").filter((file) => layerOf(file) === -1)).toEqual([]);
    const there = new Set(sources("lb").map(groupOf));
    expect(LB_LAYERS.flat().filter((group) => !there.has(group))).toEqual([]);
  });

  it("values are imported one way between the groups, contracts first and composition last", () => {
    const wrong = sources("lb")
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => !typeOnly && within(to, "lb"))
      .filter(({ from, to }) => groupOf(from) !== groupOf(to))
      // Contracts may name one another: reasons explain outcomes.
      .filter(({ from, to }) => (layerOf(from) === 0 ? layerOf(to) > 0 : layerOf(to) >= layerOf(from)))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });
});

/** Clock and random come in as arguments; only these touch the real ones. */
const TOUCHES_THE_WORLD = new Set(["runtime/clock.ts", "runtime/unit-process.ts"]);

describe("clock and random numbers", () => {
  it("are taken from the outside world in the runtime's clock only", () => {
    const wild = ["runtime", "lb", "backends", "scenarios", "lab"]
      .flatMap(sources)
      .filter((file) => !TOUCHES_THE_WORLD.has(file))
      .filter((file) =>
        /\b(Math\.random|Date\.now|performance\.now|setTimeout|setInterval)\(/.test(
          readFileSync(join(ROOT, file), "utf8"),
        ),
      );
    expect(wild).toEqual([]);
  });

  it("never depend on Math.pow or a fractional power, which differ between versions of Node", () => {
    const powers = ["runtime", "lb", "backends", "scenarios", "lab"].flatMap(sources).filter((file) => {
      // A power of whole numbers is exact everywhere.
      const text = readFileSync(join(ROOT, file), "utf8").replaceAll(/\b\d+ \*\* \d+\b(?!\.)/g, "");
      return /Math\.pow\(|[\w)\]] \*\* /.test(text);
    });
    expect(powers).toEqual([]);
  });
});

describe("policies and scenarios", () => {
  it("no policy is left out of the table", () => {
    const table = readFileSync(join(ROOT, "lb/policies/index.ts"), "utf8");
    const policies = sources("lb/policies").filter((file) =>
      readFileSync(join(ROOT, file), "utf8").includes("export const options"),
    );
    expect(policies.length).toBeGreaterThan(0);
    for (const file of policies) expect(table).toContain(`"./${file.slice("lb/policies/".length)}"`);
  });

  it("no scenario is left out of the table, and each has its brief and its answer", () => {
    const table = readFileSync(join(ROOT, "scenarios/index.ts"), "utf8");
    const folders = readdirSync(join(ROOT, "scenarios"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.length).toBeGreaterThan(0);
    for (const { name } of folders) {
      expect(table).toContain(`"./${name}/scenario.ts"`);
      expect(readFileSync(join(ROOT, "scenarios", name, "brief.md"), "utf8").trim()).not.toBe("");
      expect(readFileSync(join(ROOT, "scenarios", name, "answer.md"), "utf8").trim()).not.toBe("");
    }
  });
});
