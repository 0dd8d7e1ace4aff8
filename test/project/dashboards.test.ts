import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dashboardJson } from "../../dashboards/grafana/dashboard.ts";
import { DASHBOARDS } from "../../dashboards/grafana/dashboards.ts";
import { matcherTest } from "../../lab/observe/label-matcher.ts";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { parseExpression } from "../../lab/observe/promql/parse.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import type { LabelMatcher } from "../../lab/observe/samples.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { DASHBOARD_EXPRESSIONS } from "../support/dashboard-expressions.ts";
import { declaredMetrics, type DeclaredMetrics } from "../support/declared-metrics.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const JSON_DIR = join(ROOT, "dashboards", "grafana", "json");
const ALERTS = join(ROOT, "dashboards", "alerts");
const SETTINGS = ["lab", "plain"] as const;
/** What lab/control/metrics.ts declares. */
const LAB_METRICS = ["unit_state", "backend_restarts_total", "change_total"];
const NOW = 1_000_000_000_000;

/** A metric that an expression selects, with all labels that it needs of it. */
interface Selection {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
  readonly labels: readonly string[];
}

/** Matchers, and what is grouped by or matched on around them: `above` are labels that are needed further up. */
function selections(node: unknown, above: readonly string[] = []): Selection[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((one) => selections(one, above));
  const {
    kind,
    matchers = [],
    grouping,
    matching,
  } = node as {
    readonly kind?: string;
    readonly matchers?: readonly LabelMatcher[];
    readonly grouping?: { readonly kind: string; readonly labels: readonly string[] };
    readonly matching?: { readonly kind?: string; readonly labels?: readonly string[] };
  };
  if (kind === "selector") {
    const name = matchers.find(({ label }) => label === "__name__")?.value ?? "";
    const matched = matchers.filter(({ label }) => label !== "__name__");
    return [{ name, matchers: matched, labels: [...matched.map(({ label }) => label), ...above] }];
  }
  const grouped = grouping?.kind === "by" ? grouping.labels : [];
  const on = matching?.kind === "on" ? (matching.labels ?? []) : [];
  return Object.values(node).flatMap((one) => selections(one, [...above, ...grouped, ...on]));
}

const rules = readdirSync(ALERTS)
  .filter((name) => name.endsWith(".rules.yml"))
  .flatMap((name) => {
    const engine = createQueryEngine(createSampleStore({ retentionMs: 1000, maxSeries: 1 }));
    const loaded = loadRules(readFileSync(join(ALERTS, name), "utf8"), name, engine);
    if (!loaded.ok) throw new Error(`${name} is not in order`);
    return loaded.groups.flatMap((group) =>
      group.rules.map(({ name: rule, query }) => [`alert: ${rule}`, query.expression, ""] as const),
    );
  });

describe("the dashboards", () => {
  it.each(SETTINGS)("are committed as their code makes them: %s", (setting) => {
    const names = Object.keys(DASHBOARDS).map((name) => `${name}.json`);
    expect(readdirSync(join(JSON_DIR, setting)).sort()).toEqual(names.sort());
    for (const [name, spec] of Object.entries(DASHBOARDS))
      expect(
        readFileSync(join(JSON_DIR, setting, `${name}.json`), "utf8"),
        `npm run dashboards: ${name}`,
      ).toBe(dashboardJson(spec, setting));
  });

  it("show beside a plain shop nothing that only a lab has: units, changes, sessions", () => {
    const shown = Object.values(DASHBOARDS)
      .map((spec) => dashboardJson(spec, "plain"))
      .join("\n");
    for (const name of [...LAB_METRICS, "backend_sessions"]) expect(shown).not.toContain(name);
    const inLab = Object.values(DASHBOARDS)
      .map((spec) => dashboardJson(spec, "lab"))
      .join("\n");
    for (const name of LAB_METRICS) expect(inLab).toContain(name);
  });

  it("name no incident", () => {
    const words = SCENARIOS.flatMap(({ id, alias, title }) => [id, alias, title]);
    const text = Object.values(DASHBOARDS)
      .map((spec) => dashboardJson(spec, "lab"))
      .join("\n")
      .toLowerCase();
    expect(words.filter((word) => text.includes(word.toLowerCase()))).toEqual([]);
  });

  it("have titles that differ, and so have their panels", () => {
    const all = Object.values(DASHBOARDS);
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    for (const { title, panels } of all)
      expect(new Set(panels.map((panel) => panel.title + panel.kind)).size, title).toBe(panels.length);
  });

  it("fill their rows, and no panel lies on another", () => {
    for (const [name, spec, setting] of Object.entries(DASHBOARDS).flatMap(([name, spec]) =>
      SETTINGS.map((setting) => [name, spec, setting] as const),
    )) {
      const { panels } = JSON.parse(dashboardJson(spec, setting)) as {
        panels: { gridPos: { x: number; y: number; w: number; h: number } }[];
      };
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
      );
      expect(new Set(cells).size, name).toBe(cells.length);
      expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w)), name).toBe(24);
    }
  });

  it("look for their data where the provisioning has it", () => {
    const provisioned = readFileSync(
      join(ROOT, "dashboards", "grafana", "provisioning", "datasources", "prometheus.yml"),
      "utf8",
    );
    expect(provisioned).toContain("uid: prometheus\n");
    for (const spec of Object.values(DASHBOARDS))
      expect(
        dashboardJson(spec, "lab")
          .match(/"uid": "(?!lab-)[^"]*"/g)
          ?.every((uid) => uid === '"uid": "prometheus"'),
      ).toBe(true);
  });
});

describe("the queries of dashboards and alerts", () => {
  let declared: DeclaredMetrics;
  beforeAll(async () => {
    declared = await declaredMetrics();
  });

  it.each([...DASHBOARD_EXPRESSIONS, ...rules])(
    "exists, with its labels and their values: %s: %s",
    (_where, expression) => {
      const found = selections(parseExpression(expression));
      for (const { name, matchers, labels } of found) {
        const known = declared.get(name);
        expect([...declared.keys()], name).toContain(name);
        for (const label of labels) expect([...(known?.keys() ?? [])], `${name}{${label}}`).toContain(label);
        for (const { label, op, value } of matchers) {
          const values = known?.get(label);
          if (!values) continue;
          // What is left out has to be there as well, or nothing is left out.
          const passes = matcherTest({ label, op: op === "!=" ? "=" : op === "!~" ? "=~" : op, value });
          expect(
            [...values].some(passes),
            `${name}{${label}${op}"${value}"} of ${[...values].join(", ")}`,
          ).toBe(true);
        }
      }
    },
  );

  it.each(DASHBOARD_EXPRESSIONS)(
    "gives lines that can be named as they are: %s: %s",
    (_where, expression, legend) => {
      const result = evaluated(expression);
      expect(result.length).toBeGreaterThan(0);
      for (const [, label = ""] of legend.matchAll(/\{\{(\w+)\}\}/g))
        for (const series of result) expect(Object.keys(series.labels), label).toContain(label);
    },
  );

  it.each(rules)("can be evaluated: %s: %s", (_where, expression) => {
    expect(() => evaluated(expression)).not.toThrow();
  });

  /** Over a minute in which every metric that the expression selects is there, with all labels, and grows. */
  function evaluated(expression: string) {
    const store = createSampleStore({ retentionMs: 600_000, maxSeries: 1000 });
    const query = createQueryEngine(store).compile(expression);
    selections(parseExpression(expression)).forEach(({ name, matchers }, i) => {
      for (const le of ["1", "+Inf"]) {
        const labels = Object.fromEntries(
          [...(declared.get(name)?.keys() ?? [])].map((label) => [label, "a"]),
        );
        if ("le" in labels) labels["le"] = le;
        for (const { label, op, value } of matchers)
          if (op === "=" || op === "=~") labels[label] = value === ".*" ? "a" : (value.split("|")[0] ?? "");
        const writer = store.series({ ...labels, __name__: name });
        for (let second = 0; second <= 60; second++) writer?.append(NOW + second * 1000, second * (i + 1));
      }
    });
    query.at(NOW + 60_000);
    return query.range(NOW, NOW + 60_000, 5000).series;
  }
});
