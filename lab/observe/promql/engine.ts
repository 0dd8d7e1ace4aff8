import type { SampleStore } from "../samples.ts";
import { compileExpression } from "./compile.ts";
import { EvaluationError, type Compiled, type Compiler, type Sample } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { parseExpression, positionIn } from "./parse.ts";
import { QueryError, type MatrixSeries, type Query, type QueryEngine, type Value } from "./query.ts";

export interface QueryEngineOptions {
  /** How old a sample may be to stand for now; five minutes by default, as Prometheus'. */
  readonly lookbackMs?: number;
  /** Whose details are followed where versions differ; 3 by default. */
  readonly prometheus?: 2 | 3;
}

const LOOKBACK_MS = 5 * 60_000;
const START = { line: 1, column: 1 } as const;

/** PromQL over a store of samples. */
export function createQueryEngine(store: SampleStore, options: QueryEngineOptions = {}): QueryEngine {
  const { lookbackMs = LOOKBACK_MS, prometheus = 3 } = options;
  return {
    compile(text) {
      const compiler = createCompiler(text, { store, lookbackMs, prometheus });
      const parsed = parseExpression(text);
      const compiled = compiler.compile(parsed);
      const guarded = <T>(evaluate: () => T): T => {
        try {
          return evaluate();
        } catch (error) {
          if (error instanceof EvaluationError) throw new QueryError(error.message, START);
          throw error;
        }
      };
      const query: Query = {
        expression: text,
        type: compiled.type,
        metrics: [...new Set(metricsIn(parsed))],
        at: (atMs) => guarded(() => valueOf(compiled, atMs)),
        range: (fromMs, toMs, stepMs) => guarded(() => overTime(compiled, { fromMs, toMs, stepMs })),
      };
      return query;
    },
  };
}

function createCompiler(
  text: string,
  options: Pick<Compiler, "store" | "lookbackMs" | "prometheus">,
): Compiler {
  const fault = ({ from }: Expression, message: string): QueryError =>
    new QueryError(message, positionIn(text, from));
  const wanted = <Type extends Compiled["type"]>(
    type: Type,
    expression: Expression,
    what: string,
  ): Extract<Compiled, { readonly type: Type }> => {
    const made = compileExpression(expression, compiler);
    if (made.type !== type)
      throw fault(expression, `${what} needs ${NAMES[type]} here, not ${NAMES[made.type]}`);
    return made as Extract<Compiled, { readonly type: Type }>;
  };
  const compiler: Compiler = {
    ...options,
    compile: (expression) => compileExpression(expression, compiler),
    vector: (expression, what) => wanted("vector", expression, what),
    scalar: (expression, what) => wanted("scalar", expression, what),
    range: (expression, what) => wanted("matrix", expression, what),
    string: (expression, what) => wanted("string", expression, what).value,
    fault,
  };
  return compiler;
}

const NAMES = {
  scalar: "a number",
  vector: "an instant vector",
  matrix: "a range vector, as x[5m]",
  string: "a string",
} as const;

function valueOf(compiled: Compiled, atMs: number): Value {
  switch (compiled.type) {
    case "scalar":
      return { type: "scalar", value: compiled.at(atMs) };
    case "string":
      return { type: "string", value: compiled.value };
    case "vector":
      return {
        type: "vector",
        samples: compiled.at(atMs).map(({ set, value }) => ({ labels: set.labels, value })),
      };
    case "matrix": {
      const series: MatrixSeries[] = [];
      compiled.each(atMs, ({ set, window: { times, values, count } }) => {
        const points = Array.from({ length: count }, (_, i) => [times[i] ?? 0, values[i] ?? 0] as const);
        series.push({ labels: set.labels, points });
      });
      return { type: "matrix", series };
    }
  }
}

interface Steps {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

function overTime(compiled: Compiled, { fromMs, toMs, stepMs }: Steps): MatrixSeries[] {
  if (compiled.type !== "scalar" && compiled.type !== "vector")
    throw new QueryError(`${NAMES[compiled.type]} cannot be asked for over a range`, START);
  if (compiled.type === "scalar") {
    const points: (readonly [number, number])[] = [];
    for (let at = fromMs; at <= toMs; at += stepMs) points.push([at, compiled.at(at)]);
    return [{ labels: {}, points }];
  }
  const found = new Map<string, { set: Sample["set"]; points: (readonly [number, number])[] }>();
  for (let at = fromMs; at <= toMs; at += stepMs)
    for (const { set, value } of compiled.at(at)) {
      const series = found.get(set.key);
      if (series) series.points.push([at, value]);
      else found.set(set.key, { set, points: [[at, value]] });
    }
  return [...found.values()].map(({ set, points }) => ({ labels: set.labels, points }));
}

/** Names of the metrics that an expression selects by name. */
function metricsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case "number":
    case "string":
      return [];
    case "selector":
      return expression.matchers
        .filter(({ label, op }) => label === "__name__" && op === "=")
        .map(({ value }) => value);
    case "range":
      return metricsIn(expression.selector);
    case "subquery":
    case "negation":
      return metricsIn(expression.of);
    case "call":
      return expression.args.flatMap(metricsIn);
    case "aggregation":
      return [...(expression.parameter ? metricsIn(expression.parameter) : []), ...metricsIn(expression.of)];
    case "binary":
      return [...metricsIn(expression.left), ...metricsIn(expression.right)];
  }
}
