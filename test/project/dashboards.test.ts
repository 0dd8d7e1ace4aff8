import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createBackendMetrics } from "../../backends/metrics.ts";
import { DASHBOARDS } from "../../dashboards/grafana/dashboards.ts";
import { CHANGES, dashboardJson } from "../../dashboards/grafana/panels.ts";
import { parseSeries, readExposition } from "../../lab/observe/scrape/exposition.ts";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import type { Expression } from "../../lab/observe/promql/expression.ts";
import { parseExpression } from "../../lab/observe/promql/parse.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import { metricsText } from "../../lab/control/metrics.ts";
import { createProbeMetrics } from "../../lab/probe/metrics.ts";
import { declareMetrics } from "../../lb/metrics.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { composeFiles } from "../../lab/world/docker/committed.ts";
import type { PackageLock } from "../../lab/world/docker/docker-ignore.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { unit } from "../support/evidence.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const JSON_DIR = join(ROOT, "dashboards", "grafana", "json");
const ALERTS = join(ROOT, "dashboards", "alerts");

/** Labels that every scraped series has. */
const SCRAPED = ["job", "instance"];

/** Every metric that a lab has, with its labels. */
async function declared(): Promise<Map<string, Set<string>>> {
  const known = new Map<string, Set<string>>();
  const add = (name: string, labels: readonly string[]): void => {
    known.set(name, new Set([...(known.get(name) ?? []), ...labels, ...SCRAPED]));
  };
  const addRegistry = (registry: Registry, more: readonly string[] = []): void => {
    for (const metric of registry.getMetricsAsArray()) {
      const { name, labelNames = [] } = metric as unknown as {
        name: string;
        labelNames?: readonly string[];
      };
      const labels = [...labelNames, ...more];
      add(name, labels);
      for (const suffix of ["_bucket", "_sum", "_count"]) add(`${name}${suffix}`, [...labels, "le"]);
    }
  };
  addRegistry(declareMetrics().registry);
  addRegistry(createProbeMetrics(1, createManualClock()).registry);
  const capacity = { inFlight: 0, queued: 0, saturation: 0 } as never;
  for (const role of ["web", "database"] as const) {
    const metrics = createBackendMetrics({ name: "a", role }, capacity, undefined);
    metrics.answered(200);
    metrics.queried(0.1);
    readExposition(await metrics.text(), ({ series }) => {
      const { __name__: name = "", ...labels } = parseSeries(series);
      add(name, Object.keys(labels));
    });
  }
  const sight = { units: () => [unit("web-1")], changes: () => [] } as never;
  readExposition(await metricsText(sight), ({ series }) => {
    const { __name__: name = "", ...labels } = parseSeries(series);
    add(name, Object.keys(labels));
  });
  add("up", []);
  add("ALERTS", ["alertname", "alertstate", "severity"]);
  return known;
}

/** Selected metrics, with the labels that each is asked by. */
function selections(expression: Expression): { readonly name: string; readonly labels: readonly string[] }[] {
  switch (expression.kind) {
    case "number":
    case "string":
      return [];
    case "selector": {
      const name = expression.matchers.find(({ label }) => label === "__name__")?.value ?? "";
      return [
        { name, labels: expression.matchers.map(({ label }) => label).filter((l) => l !== "__name__") },
      ];
    }
    case "range":
      return selections(expression.selector);
    case "subquery":
    case "negation":
      return selections(expression.of);
    case "call":
      return expression.args.flatMap(selections);
    case "aggregation": {
      const inner = selections(expression.of);
      const { kind, labels } = expression.grouping;
      // What is grouped by has to be a label of something within.
      return kind === "by" ? inner.map((one) => ({ ...one, labels: [...one.labels, ...labels] })) : inner;
    }
    case "binary":
      return [...selections(expression.left), ...selections(expression.right)];
  }
}

const panelExpressions = Object.entries(DASHBOARDS).flatMap(([file, { panels }]) =>
  panels.flatMap(({ title, lines }) => lines.map(({ expr }) => [`${file}: ${title}`, expr] as const)),
);
const ruleExpressions = readdirSync(ALERTS)
  .filter((name) => name.endsWith(".rules.yml"))
  .flatMap((name) => {
    const engine = createQueryEngine(createSampleStore({ retentionMs: 1000, maxSeries: 1 }));
    const loaded = loadRules(readFileSync(join(ALERTS, name), "utf8"), name, engine);
    if (!loaded.ok) throw new Error(`${name} is not in order`);
    return loaded.groups.flatMap(({ rules }) =>
      rules.map(({ name: rule, query }) => [`alert ${rule}`, query.expression] as const),
    );
  });
const expressions = [
  ...panelExpressions,
  ...CHANGES.map(({ name, expr }) => [`mark: ${name}`, expr] as const),
  ...ruleExpressions,
];

describe("the dashboards", () => {
  it("are committed as their code makes them", () => {
    expect(readdirSync(JSON_DIR).sort()).toEqual(
      Object.keys(DASHBOARDS)
        .map((name) => `${name}.json`)
        .sort(),
    );
    for (const [name, spec] of Object.entries(DASHBOARDS))
      expect(readFileSync(join(JSON_DIR, `${name}.json`), "utf8"), `npm run dashboards: ${name}`).toBe(
        dashboardJson(spec),
      );
  });

  it("name no incident", () => {
    const words = SCENARIOS.flatMap(({ id, alias, title }) => [id, alias, title]);
    const text = Object.values(DASHBOARDS).map(dashboardJson).join("\n");
    expect(words.filter((word) => text.includes(word))).toEqual([]);
  });
});

describe("what dashboards and alerts ask for", () => {
  it.each(expressions)("exists, with its labels: %s", async (_where, expression) => {
    const known = await declared();
    for (const { name, labels } of selections(parseExpression(expression))) {
      expect([...known.keys()], name).toContain(name);
      for (const label of labels) expect([...(known.get(name) ?? [])], `${name}{${label}}`).toContain(label);
    }
  });

  it.each(expressions)("can be evaluated: %s", async (_where, expression) => {
    const store = createSampleStore({ retentionMs: 600_000, maxSeries: 1000 });
    const engine = createQueryEngine(store);
    for (const [name, labels] of await declared()) {
      const values = Object.fromEntries([...labels].map((label) => [label, label === "le" ? "+Inf" : "a"]));
      const writer = store.series({ ...values, __name__: name });
      for (let second = 0; second <= 60; second++) writer?.append(1e12 + second * 1000, second);
    }
    expect(() => engine.compile(expression).at(1e12 + 60_000)).not.toThrow();
    expect(() => engine.compile(expression).range(1e12, 1e12 + 60_000, 5000)).not.toThrow();
  });
});

describe("what Compose needs", () => {
  it("is committed as its code makes it", () => {
    const plain = SCENARIOS.find(({ id }) => id === "uneven-weights");
    if (!plain) throw new Error("there is no such scenario");
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as PackageLock;
    for (const [path, text] of Object.entries(composeFiles(plain.paces.drill, lock)))
      expect(readFileSync(join(ROOT, path), "utf8"), `npm run compose: ${path}`).toBe(text);
  });
});
