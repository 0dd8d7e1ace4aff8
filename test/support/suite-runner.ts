import { matcherTest } from "../../lab/observe/label-matcher.ts";
import { labelValue } from "../../lab/observe/label-value.ts";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import type { VectorSelector } from "../../lab/observe/promql/expression.ts";
import { parseExpression } from "../../lab/observe/promql/parse.ts";
import { QueryError, type QueryEngine, type Value } from "../../lab/observe/promql/query.ts";
import { UnsupportedError } from "../../lab/observe/promql/unsupported.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import type { Labels, SampleStore } from "../../lab/observe/samples.ts";
import type { Evaluation, Load, NotedSeries, SuiteCommand, SuiteValue } from "./promqltest.ts";

/** The result of one evaluation of a suite. */
export type Outcome =
  | { readonly kind: "right" }
  /** Refused as not supported, or about data that the store cannot hold. */
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "wrong"; readonly why: string };

/** Runs a suite's commands as Prometheus does: each evaluation at its moment, and again within a range around it. */
export function runSuite(
  commands: readonly SuiteCommand[],
  prometheus: 2 | 3,
): readonly (readonly [Evaluation, Outcome])[] {
  const outcomes: (readonly [Evaluation, Outcome])[] = [];
  let state = emptyState(prometheus);
  for (const command of commands)
    switch (command.kind) {
      case "clear":
        state = emptyState(prometheus);
        break;
      case "load":
        load(command, state);
        break;
      case "eval":
        outcomes.push([command, outcomeOf(command, state)]);
    }
  return outcomes;
}

interface State {
  readonly store: SampleStore;
  readonly engine: QueryEngine;
  readonly unheld: Labels[];
}

function emptyState(prometheus: 2 | 3): State {
  const store = createSampleStore({
    retentionMs: 1e12,
    maxSeries: 100_000,
    rangeStart: prometheus === 2 ? "closed" : "open",
  });
  const engine = createQueryEngine(store, { prometheus, subqueryStepMs: 60_000 });
  return { store, engine, unheld: [] };
}

function load({ intervalMs, series, unheld }: Load, state: State): void {
  state.unheld.push(...unheld);
  // Of a series that is given twice the later one counts.
  const last = new Map(series.map((one) => [keyOf(one.labels), one]));
  for (const { labels, values } of last.values()) {
    if (values.length === 0) continue;
    const writer = state.store.series(labels);
    values.forEach((value, i) => {
      if (value === "stale") writer?.stale(i * intervalMs);
      else if (typeof value === "number") writer?.append(i * intervalMs, value);
    });
  }
}

function outcomeOf(evaluation: Evaluation, { engine, unheld }: State): Outcome {
  const { expression, fromMs, toMs, stepMs, wanted, expected } = evaluation;
  const mustFail = wanted.some(({ what }) => what === "fail");
  if (expected.type === "series" && expected.series.some(({ values }) => values.includes("histogram")))
    return { kind: "refused", why: "native histograms, or the time at which counting began" };
  let answers: readonly Value[];
  try {
    if (
      selectors(parseExpression(expression)).some((selector) =>
        unheld.some((labels) => selects(selector, labels)),
      )
    )
      return { kind: "refused", why: "native histograms, or the time at which counting began" };
    const query = engine.compile(expression);
    answers =
      stepMs === undefined
        ? [query.at(fromMs), ...around(evaluation, engine)]
        : [query.range(fromMs, toMs, stepMs)];
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (mustFail) return { kind: "right" };
    const why = error.message.replace(/ \d+ /, " n ");
    return error instanceof UnsupportedError
      ? { kind: "refused", why }
      : { kind: "wrong", why: `refused: ${why}` };
  }
  if (mustFail) return { kind: "wrong", why: "answered what has to fail" };
  const annotated = stepMs !== undefined || answers[0]?.type !== "matrix";
  const faults = answers
    .map((value) => [
      ...compare(value, evaluation),
      ...(annotated ? annotationFaults(value, evaluation) : []),
    ])
    .find((found) => found.length > 0);
  return faults ? { kind: "wrong", why: faults.slice(0, 6).join("; ") } : { kind: "right" };
}

/** The same expression over a range: its middle has to be what it is at the moment. */
function around({ expression, fromMs, wanted }: Evaluation, engine: QueryEngine): readonly Value[] {
  const query = engine.compile(expression);
  if (query.type !== "scalar" && query.type !== "vector") return [];
  if (
    /\b(?:start|end)\s*\(/.test(expression) ||
    wanted.some(({ what }) => what !== "no_warn" && what !== "no_info")
  )
    return [];
  if (expression.startsWith("sort")) return [];
  const { series } = query.range(fromMs - 60_000, fromMs + 60_000, 60_000);
  const middle = series.flatMap(({ labels, points }) =>
    points.filter(([at]) => at === fromMs).map(([, value]) => ({ labels, value })),
  );
  if (query.type === "vector") return [{ type: "vector", samples: middle }];
  return [{ type: "scalar", value: middle[0]?.value ?? Number.NaN }];
}

function compare(value: Value, { expected, samplesAt, fromMs, stepMs, wanted }: Evaluation): string[] {
  if (expected.type === "string")
    return value.type === "string" && value.value === expected.value
      ? []
      : [`not ${JSON.stringify(expected.value)}`];
  if (expected.type === "scalar")
    return value.type === "scalar" && alike(value.value, expected.value)
      ? []
      : [`not the number ${expected.value}: ${JSON.stringify(value)}`];
  if (value.type === "vector") {
    const order = wanted.some(({ what }) => what === "ordered");
    const ours = value.samples.map(({ labels, value: number }) => [keyOf(labels), number] as const);
    const theirs = expected.series.map(({ labels, values }) => [keyOf(labels), values[0]] as const);
    if (order)
      return ours.length === theirs.length &&
        ours.every(([key, number], i) => key === theirs[i]?.[0] && alike(number, theirs[i][1]))
        ? []
        : [`in this order: ${JSON.stringify(ours)}`];
    return differences(
      new Map(ours.map(([key, number]) => [key, [number]])),
      new Map(theirs.map(([key, number]) => [key, [number]])),
    );
  }
  if (value.type !== "matrix") return [`a ${value.type}: ${JSON.stringify(value)}`];
  // Without a step it is a range vector at one moment, whose samples are where they were taken.
  const first = stepMs === undefined ? samplesAt?.fromMs : fromMs;
  const apart = stepMs ?? samplesAt?.stepMs;
  const ours = new Map(
    value.series.map(({ labels, points }) => {
      if (first === undefined || apart === undefined)
        return [keyOf(labels), points.map(([, number]) => number)];
      const placed: SuiteValue[] = [];
      for (const [at, number] of points) placed[Math.round((at - first) / apart)] = number;
      return [keyOf(labels), Array.from(placed)];
    }),
  );
  const theirs = new Map(
    expected.series
      .map(({ labels, values }: NotedSeries) => [keyOf(labels), trimmed(values)] as const)
      .filter(([, values]) => values.length > 0),
  );
  return differences(ours, theirs);
}

function trimmed(values: readonly SuiteValue[]): readonly SuiteValue[] {
  const last = values.findLastIndex((value) => value !== undefined);
  return values.slice(0, last + 1);
}

function differences(
  ours: ReadonlyMap<string, readonly SuiteValue[]>,
  theirs: ReadonlyMap<string, readonly SuiteValue[]>,
): string[] {
  const found: string[] = [];
  for (const [key, values] of theirs) {
    const own = ours.get(key);
    if (!own) found.push(`missing: ${key}`);
    else if (own.length !== values.length || values.some((value, i) => !alike(own[i], value)))
      found.push(`${key}: ${own.join(" ")} instead of ${values.join(" ")}`);
  }
  for (const [key, values] of ours) if (!theirs.has(key)) found.push(`too much: ${key} ${values.join(" ")}`);
  return found;
}

/** Every expected annotation is there, and where any of a kind is expected, no other of that kind. */
function annotationFaults({ warnings = [], infos = [] }: Value, { wanted }: Evaluation): string[] {
  const faults: string[] = [];
  for (const [what, texts] of [
    ["warn", warnings],
    ["info", infos],
  ] as const) {
    const ofKind = wanted.filter((one) => one.what === what);
    for (const one of ofKind)
      if (!texts.some((text) => one.matches(text)))
        faults.push(`no such ${what} among ${JSON.stringify(texts)}`);
    for (const text of texts)
      if (ofKind.length > 0 && !ofKind.some((one) => one.matches(text)))
        faults.push(`${what} too much: ${text}`);
    if (texts.length > 0 && wanted.some((one) => one.what === `no_${what}`))
      faults.push(`${what} too much: ${texts.join(", ")}`);
  }
  return faults;
}

const keyOf = (labels: Labels): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const TOLERANCE = 1e-6;
function alike(a: SuiteValue, b: SuiteValue): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return Math.abs(a - b) / Math.min(Math.abs(a) + Math.abs(b), Number.MAX_VALUE) < TOLERANCE;
}

/** Every selector in an expression. */
function selectors(node: unknown): VectorSelector[] {
  if (typeof node !== "object" || node === null) return [];
  if ((node as { readonly kind?: unknown }).kind === "selector") return [node as VectorSelector];
  return Object.values(node).flatMap(selectors);
}

const selects = ({ matchers }: VectorSelector, labels: Labels): boolean =>
  matchers.every((matcher) => matcherTest(matcher)(labelValue(labels, matcher.label)));
