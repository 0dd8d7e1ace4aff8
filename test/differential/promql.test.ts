import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../runtime/clock.ts";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { parseNumber } from "../../lab/observe/promql/literals.ts";
import type { QueryEngine, Value } from "../../lab/observe/promql/query.ts";
import { createRuleEvaluator } from "../../lab/observe/rules/rule-evaluator.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import type { Labels, SampleStore } from "../../lab/observe/samples.ts";
import { hasProgram, startPrometheus, type RealPrometheus } from "../support/real-prometheus.ts";
import { randomExpressions, type ExpressionWorld } from "../support/random-promql.ts";
import { startScrapedShop, type ScrapedShop } from "../support/scraped-shop.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const ALERTS = join(ROOT, "dashboards", "alerts");
const ruleFiles = readdirSync(ALERTS).filter((name) => name.endsWith(".rules.yml"));
const corpus = readFileSync(join(import.meta.dirname, "corpus.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

const INTERVAL_MS = 500;
/** Until after the incident and the recovery of the scraped shop. */
const WATCH_SECONDS = 42;
const LOOKBACK_MS = 300_000;
const SEED = Number(process.env["PROMQL_SEED"] ?? 20_261_130);
const RANDOM_EXPRESSIONS = Number(process.env["PROMQL_EXPRESSIONS"] ?? 4000);

interface Series {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}

describe.skipIf(!hasProgram("prometheus"))("beside a real Prometheus that scraped the same", () => {
  let shop: ScrapedShop;
  let prometheus: RealPrometheus;
  let store: SampleStore;
  let engine: QueryEngine;
  /** Moments at which both are queried, epoch ms, and the range around them. */
  let moments: number[];
  let alertsSeen: readonly Series[];
  let shopSeries: readonly Series[];
  let firstScrapeAt: number;
  let lastScrapeAt: number;

  beforeAll(async () => {
    shop = await startScrapedShop();
    prometheus = await startPrometheus(`
global: { scrape_interval: ${INTERVAL_MS}ms, scrape_timeout: ${INTERVAL_MS}ms, evaluation_interval: ${INTERVAL_MS}ms }
rule_files: [${ruleFiles.map((name) => JSON.stringify(join(ALERTS, name))).join(", ")}]
scrape_configs:
  - { job_name: shop, static_configs: [{ targets: ["${shop.address}"] }] }
  - { job_name: balancer, static_configs: [{ targets: ["127.0.0.1:1"] }] }
`);
    await until(() => shop.elapsed() > WATCH_SECONDS, "the incident to be over", (WATCH_SECONDS + 30) * 1000);
    const closed = prometheus.major === 2;
    store = createSampleStore({
      retentionMs: 3_600_000,
      maxSeries: 10_000,
      rangeStart: closed ? "closed" : "open",
    });
    engine = createQueryEngine(store, {
      lookbackMs: LOOKBACK_MS,
      subqueryStepMs: INTERVAL_MS,
      prometheus: prometheus.major,
    });
    const { data } = await prometheus.ask("/api/v1/query", {
      query: '{__name__=~".+", __name__!~"ALERTS.*"}[5m]',
    });
    const scraped = (data as { result: Series[] }).result;
    copy(scraped, store);
    shopSeries = scraped.filter(({ metric }) => metric["job"] === "shop");
    alertsSeen = (
      (await prometheus.ask("/api/v1/query", { query: 'ALERTS{alertstate="firing"}[5m]' })).data as {
        result: Series[];
      }
    ).result;
    const times = timesOf(scraped.filter(({ metric }) => metric["__name__"] === "up"));
    firstScrapeAt = times[0] ?? 0;
    lastScrapeAt = times.at(-1) ?? 0;
    const at = (seconds: number): number => Math.round(firstScrapeAt + seconds * 1000 + 137);
    moments = [3, 9.7, 13.2, 17, 21.5, 25, 29].map(at);
  }, 120_000);

  afterAll(async () => {
    await prometheus.stop();
    await shop.close();
  });

  const expressions = [
    ...corpus,
    ...ruleFiles.flatMap((name) => {
      const any = createQueryEngine(createSampleStore({ retentionMs: 1, maxSeries: 1 }));
      const loaded = loadRules(readFileSync(join(ALERTS, name), "utf8"), name, any);
      if (!loaded.ok) throw new Error(`${name} is not in order`);
      return loaded.groups.flatMap(({ rules }) =>
        rules.map(({ query }) => query.expression.replaceAll(/\s+/g, " ")),
      );
    }),
  ];

  it("has expressions enough to compare", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(150);
    expect(expressions.length).toBeGreaterThan(corpus.length);
    expect(lastScrapeAt - firstScrapeAt).toBeGreaterThan(33_000);
  });

  it.each(expressions)("comes to the same at a moment: %s", async (expression) => {
    for (const moment of moments) {
      const theirs = await prometheus.ask("/api/v1/query", {
        query: expression,
        time: String(moment / 1000),
      });
      expect(answerAt(engine, expression, moment)).toAgree(theirs);
    }
  });

  it.each(expressions)("comes to the same over a range: %s", async (expression) => {
    const [from, to, step] = [firstScrapeAt + 5137, lastScrapeAt - 3000, 1500];
    const theirs = await prometheus.ask("/api/v1/query_range", {
      query: expression,
      start: String(from / 1000),
      end: String(to / 1000),
      step: String(step / 1000),
    });
    expect(answerOver(engine, expression, { from, to, step })).toAgree(theirs);
  });

  it(`comes to the same in ${RANDOM_EXPRESSIONS} random expressions with every modifier`, async () => {
    const [fromAt = 0, at = 0] = [moments[1], moments[4]];
    const world = { metrics: metricsOf(shopSeries), moment: at / 1000 };
    const found = new Map<string, string>();
    const counts = { answers: 0, empty: 0, errors: 0 };
    const compare = async (expression: string, range: Parameters<typeof both>[2]): Promise<void> => {
      const { ours, theirs } = await both({ engine, prometheus }, expression, range);
      counts[ours === "error" ? "errors" : ours.size === 0 ? "empty" : "answers"] += 1;
      const [difference] = differencesOf(ours, theirs, LOOSE);
      if (difference !== undefined) found.set(expression, difference);
    };
    const expressions = fc.sample(randomExpressions(world), {
      numRuns: RANDOM_EXPRESSIONS,
      seed: SEED,
    });
    await inTurns(expressions, async (expression, i) => {
      if (i % 4 === 0) await compare(expression, { from: fromAt, to: at, step: 1700 });
      else await compare(expression, { at });
    });
    console.log(`of ${RANDOM_EXPRESSIONS} random expressions: ${JSON.stringify(counts)}`);
    expect([...found].map(([expression, difference]) => `${expression}\n  ${difference}`).join("\n")).toBe(
      "",
    );
    // A test of errors and of nothing would be none.
    expect(counts.answers).toBeGreaterThan(RANDOM_EXPRESSIONS / 2);
  }, 180_000);

  it("fires the same alerts, each within one interval of the other", () => {
    const groups = ruleFiles.flatMap((name) => {
      const loaded = loadRules(readFileSync(join(ALERTS, name), "utf8"), name, engine);
      return loaded.ok ? loaded.groups : [];
    });
    const ours = createRuleEvaluator({ groups, intervalMs: 0 }, { store, engine, clock: systemClock });
    const firings = new Map<string, number>();
    for (let at = firstScrapeAt; at <= lastScrapeAt; at += INTERVAL_MS)
      for (const { to, alert } of ours.evaluate(at + 1))
        if (to === "firing" && !firings.has(keyOf(alert.labels))) firings.set(keyOf(alert.labels), at);
    const theirs = new Map(
      alertsSeen.map(({ metric, values }) => {
        const { __name__: _name, alertstate: _state, ...labels } = metric;
        return [keyOf(labels), (values[0]?.[0] ?? 0) * 1000] as const;
      }),
    );
    expect([...firings.keys()].sort()).toEqual([...theirs.keys()].sort());
    expect(firings.size).toBeGreaterThan(8);
    for (const [key, at] of theirs)
      // Two clocks of the same beat: each may be up to an interval after the other.
      expect(Math.abs((firings.get(key) ?? 0) - at), key).toBeLessThanOrEqual(2 * INTERVAL_MS);
  });
});

/** Their samples into our store, with the ends of series that their API does not show. */
function copy(scraped: readonly Series[], store: SampleStore): void {
  const byInstance = new Map<string, readonly number[]>();
  for (const series of scraped)
    if (series.metric["__name__"] === "up")
      byInstance.set(series.metric["instance"] ?? "", timesOf([series]));
  for (const { metric, values } of scraped) {
    const writer = store.series(metric);
    const times = byInstance.get(metric["instance"] ?? "") ?? [];
    const own = new Map(
      values.map(([seconds, text]) => [Math.round(seconds * 1000), parseNumber(text) ?? Number.NaN]),
    );
    const reported = /^(up|scrape_)/.test(metric["__name__"] ?? "");
    let alive = false;
    for (const at of times) {
      const value = own.get(at);
      if (value !== undefined) writer?.append(at, value);
      else if (alive && !reported) writer?.stale(at);
      alive = value !== undefined;
    }
  }
}

const timesOf = (series: readonly Series[]): number[] =>
  series.flatMap(({ values }) => values.map(([seconds]) => Math.round(seconds * 1000)));

const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** By label set and time, or a mark that there is an error. */
type Answer = ReadonlyMap<string, number> | "error";

function answerAt(engine: QueryEngine, expression: string, at: number): Answer {
  try {
    return flattened(engine.compile(expression).at(at), at);
  } catch {
    return "error";
  }
}

function answerOver(
  engine: QueryEngine,
  expression: string,
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
): Answer {
  try {
    return flattened(engine.compile(expression).range(from, to, step), from);
  } catch {
    return "error";
  }
}

function flattened(value: Value, at: number): Answer {
  switch (value.type) {
    case "scalar":
      return new Map([[`{} @${at}`, value.value]]);
    case "string":
      return "error";
    case "vector":
      return new Map(value.samples.map(({ labels, value: number }) => [`${keyOf(labels)} @${at}`, number]));
    case "matrix":
      return new Map(
        value.series.flatMap(({ labels, points }) =>
          points.map(([time, number]) => [`${keyOf(labels)} @${Math.round(time)}`, number] as const),
        ),
      );
  }
}

function theirAnswer({ data, error }: { data?: unknown; error?: string }): Answer {
  if (error !== undefined) return "error";
  const { resultType, result } = data as { resultType: string; result: unknown };
  const at = (seconds: number): number => Math.round(seconds * 1000);
  const number = (text: string): number => parseNumber(text) ?? Number.NaN;
  if (resultType === "scalar") {
    const [seconds, text] = result as [number, string];
    return new Map([[`{} @${at(seconds)}`, number(text)]]);
  }
  const all = result as { metric: Labels; value?: [number, string]; values?: [number, string][] }[];
  return new Map(
    all.flatMap(({ metric, value, values = value ? [value] : [] }) =>
      values.map(([seconds, text]) => [`${keyOf(metric)} @${at(seconds)}`, number(text)] as const),
    ),
  );
}

/** Metrics with their labels and some values of each. */
function metricsOf(series: readonly Series[]): ExpressionWorld["metrics"] {
  const metrics: Record<string, Record<string, string[]>> = {};
  for (const { metric } of series) {
    const { __name__: name = "", ...labels } = metric;
    // Values that differ in their last digits make comparisons a matter of chance.
    // A dot of Prometheus 2 does not match the line break that escaped_labels has.
    if (!name || /^scrape_|^escaped_labels$/.test(name)) continue;
    const known = (metrics[name] ??= {});
    for (const [label, value] of Object.entries(labels)) {
      const values = (known[label] ??= []);
      if (!values.includes(value) && /^[\w.+-]*$/.test(value)) values.push(value);
    }
  }
  return metrics;
}

type Moments =
  | { readonly at: number }
  | { readonly from: number; readonly to: number; readonly step: number };

/** What both answer to an expression, at a moment or over a range. */
async function both(
  { engine, prometheus }: { readonly engine: QueryEngine; readonly prometheus: RealPrometheus },
  expression: string,
  moments: Moments,
): Promise<{ readonly ours: Answer; readonly theirs: Answer }> {
  if ("at" in moments) {
    const theirs = await prometheus.ask("/api/v1/query", {
      query: expression,
      time: String(moments.at / 1000),
    });
    return { ours: answerAt(engine, expression, moments.at), theirs: theirAnswer(theirs) };
  }
  const { from, to, step } = moments;
  const theirs = await prometheus.ask("/api/v1/query_range", {
    query: expression,
    start: String(from / 1000),
    end: String(to / 1000),
    step: String(step / 1000),
  });
  return { ours: answerOver(engine, expression, moments), theirs: theirAnswer(theirs) };
}

/** Some at a time: the other side works meanwhile. */
async function inTurns<T>(all: readonly T[], each: (one: T, i: number) => Promise<void>): Promise<void> {
  const AT_ONCE = 8;
  for (let i = 0; i < all.length; i += AT_ONCE)
    await Promise.all(all.slice(i, i + AT_ONCE).map((one, k) => each(one, i + k)));
}

interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}
const STRICT: Tolerance = { relative: 1e-9, absolute: 0 };
/** Sums without Kahan's correction, as in Prometheus 2, are off in their last digits, and differences of them wholly. */
const LOOSE: Tolerance = { relative: 1e-7, absolute: 1e-6 };
const alike = (a: number, b: number, { relative, absolute }: Tolerance): boolean =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= absolute + relative * Math.max(Math.abs(a), Math.abs(b));

function differencesOf(ours: Answer, theirs: Answer, tolerance: Tolerance): string[] {
  if (ours === "error" || theirs === "error")
    return ours === theirs ? [] : [`ours ${ours === "error" ? "fails" : "answers"}, theirs not`];
  const differences: string[] = [];
  for (const [key, value] of theirs)
    if (!ours.has(key)) differences.push(`missing: ${key} = ${value}`);
    else if (!alike(ours.get(key) ?? Number.NaN, value, tolerance))
      differences.push(`${key}: ours ${ours.get(key)}, theirs ${value}`);
  for (const [key, value] of ours) if (!theirs.has(key)) differences.push(`too much: ${key} = ${value}`);
  return differences;
}

expect.extend({
  toAgree(ours: Answer, given: { data?: unknown; error?: string }) {
    const differences = differencesOf(ours, theirAnswer(given), STRICT);
    return {
      pass: differences.length === 0,
      message: () => [...differences.slice(0, 12), given.error ?? ""].join("\n"),
    };
  },
});

declare module "vitest" {
  interface Matchers {
    toAgree: (theirs: { data?: unknown; error?: string }) => void;
  }
}
