import type { Labels, SampleStore } from "../samples.ts";
import { compileExpression } from "./compile.ts";
import { EvaluationError, TimeoutError } from "./evaluation-errors.ts";
import type { Compiled, Compiler } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { parseExpression, positionIn } from "./parse.ts";
import {
  QueryError,
  QueryTimeout,
  type MatrixSeries,
  type Query,
  type QueryEngine,
  type QueryOptions,
  type RangeEvaluation,
  type Steps,
  type Value,
} from "./query.ts";
import { Run } from "./run.ts";
import { MAX_STEPS } from "./selectors.ts";
import { UnsupportedError } from "./unsupported.ts";

export interface QueryEngineOptions {
  /** How old the latest sample of an instant query may be; five minutes by default, as in Prometheus. */
  readonly lookbackMs?: number;
  /** The step of a subquery that names none, as the interval between evaluations; without it such a subquery is refused. */
  readonly subqueryStepMs?: number;
  /** How many samples a query may read or make for one moment. */
  readonly maxSamples?: number;
  /** The version of Prometheus that is followed where versions differ; 3 by default. */
  readonly prometheus?: 2 | 3;
}

const LOOKBACK_MS = 5 * 60_000;
const START = { line: 1, column: 1 } as const;
/** As many as take a fraction of a second: nothing else runs meanwhile. */
const MAX_SAMPLES = 4_000_000;
/** Limit of points of all series together: more than a browser can draw. */
const MAX_POINTS = 1_000_000;

/** PromQL over a store of samples. */
export function createQueryEngine(store: SampleStore, options: QueryEngineOptions = {}): QueryEngine {
  const { lookbackMs = LOOKBACK_MS, subqueryStepMs, maxSamples = MAX_SAMPLES, prometheus = 3 } = options;
  return {
    compile(text) {
      const compiler = createCompiler(text, { store, lookbackMs, subqueryStepMs, prometheus });
      const parsed = parseExpression(text);
      const compiled = compiler.compile(parsed);
      const during = <T>(run: Run, evaluate: () => T): T => {
        compiler.run = run;
        try {
          return evaluate();
        } catch (error) {
          if (error instanceof TimeoutError) throw new QueryTimeout(error.message, START);
          if (error instanceof EvaluationError) throw new QueryError(error.message, START);
          throw error;
        }
      };
      const query: Query = {
        expression: text,
        type: compiled.type,
        metrics: [...new Set(metricsIn(parsed))],
        at(atMs, { expired }: QueryOptions = {}) {
          const run = new Run({ fromMs: atMs, toMs: atMs, maxSamples, expired });
          const value = during(run, () => valueOf(compiled, atMs));
          return run.annotations ? { ...value, ...run.annotations } : value;
        },
        over(steps, { expired } = {}) {
          const run = new Run({ ...steps, maxSamples, expired });
          const range = during(run, () => overTime(compiled, steps, run));
          return { value: range.value, advance: (moments) => during(run, () => range.advance(moments)) };
        },
        range(fromMs, toMs, stepMs, limits) {
          const evaluation = query.over({ fromMs, toMs, stepMs }, limits);
          evaluation.advance(Infinity);
          return evaluation.value();
        },
      };
      return query;
    },
  };
}

type CompilerOptions = Pick<Compiler, "store" | "lookbackMs" | "subqueryStepMs" | "prometheus">;

/** A compiler whose run changes with each evaluation. */
interface RunningCompiler extends Compiler {
  run: Run;
}

function createCompiler(text: string, options: CompilerOptions): RunningCompiler {
  const fault = ({ from }: Expression, message: string): QueryError =>
    new QueryError(message, positionIn(text, from));
  const placed = (message: string, { from, parenFrom = from }: Expression): string => {
    const { line, column } = positionIn(text, parenFrom);
    return `${message} (${line}:${column})`;
  };
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
  let subqueries = 0;
  const compiler: RunningCompiler = {
    ...options,
    run: new Run({ fromMs: 0, toMs: 0, maxSamples: 0 }),
    get inSubquery() {
      return subqueries > 0;
    },
    compile: (expression) => compileExpression(expression, compiler),
    withinSubquery(expression) {
      subqueries += 1;
      const inner = wanted("vector", expression, "a subquery");
      subqueries -= 1;
      return inner;
    },
    vector: (expression, what) => wanted("vector", expression, what),
    scalar: (expression, what) => wanted("scalar", expression, what),
    range: (expression, what) => wanted("matrix", expression, what),
    string: (expression, what) => wanted("string", expression, what).value,
    fault,
    unsupported: ({ from }, message) => new UnsupportedError(message, positionIn(text, from)),
    warn: (at, message) => compiler.run.warn(placed(message, at)),
    inform: (at, message) => compiler.run.inform(placed(message, at)),
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
      let made = 0;
      compiled.each(atMs, ({ set, window: { times, values, count } }) => {
        made += count;
        checkPoints(made);
        const points = Array.from({ length: count }, (_, i) => [times[i] ?? 0, values[i] ?? 0] as const);
        series.push({ labels: set.labels, points });
      });
      return { type: "matrix", series: series.sort(byLabels) };
    }
  }
}

function overTime(compiled: Compiled, { fromMs, toMs, stepMs }: Steps, run: Run): RangeEvaluation {
  const { type } = compiled;
  if (type !== "scalar" && type !== "vector")
    throw new EvaluationError(`${NAMES[type]} cannot be asked for over a range`);
  if (!(stepMs > 0) || (toMs - fromMs) / stepMs > MAX_STEPS)
    throw new EvaluationError(`exceeded maximum resolution of ${MAX_STEPS} points per timeseries`);
  const found = new Map<
    string,
    { readonly labels: Labels; readonly points: (readonly [number, number])[] }
  >();
  let points = 0;
  const add = (key: string, labels: Labels, at: number, value: number): void => {
    const series = found.get(key);
    if (series) series.points.push([at, value]);
    else found.set(key, { labels, points: [[at, value]] });
    checkPoints(++points);
  };
  let moment = 0;
  const last = Math.floor((toMs - fromMs) / stepMs);
  return {
    advance(moments) {
      for (const end = Math.min(last, moment + moments - 1); moment <= end; moment++) {
        run.nextMoment();
        const at = fromMs + moment * stepMs;
        if (compiled.type === "scalar") add("", {}, at, compiled.at(at));
        else if (compiled.type === "vector")
          for (const { set, value } of compiled.at(at)) add(set.key, set.labels, at, value);
      }
      return moment <= last;
    },
    value: () => ({ type: "matrix", series: [...found.values()].sort(byLabels), ...run.annotations }),
  };
}

function checkPoints(points: number): void {
  if (points > MAX_POINTS)
    throw new EvaluationError(
      `query processing would load too many samples into memory in query execution: more than ${MAX_POINTS} in the result`,
    );
}

/** Label by label, as Prometheus orders the series of a range. */
function byLabels(a: MatrixSeries, b: MatrixSeries): number {
  const [ours, theirs] = [sortedLabels(a.labels), sortedLabels(b.labels)];
  for (const [i, text] of ours.entries()) {
    const other = theirs[i];
    if (other === undefined) return 1;
    if (text !== other) return text < other ? -1 : 1;
  }
  return ours.length - theirs.length;
}

const sortedLabels = (labels: Labels): string[] =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();

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
    case "sign":
      return metricsIn(expression.of);
    case "call":
    case "aggregation":
      return expression.args.flatMap(metricsIn);
    case "binary":
      return [...metricsIn(expression.left), ...metricsIn(expression.right)];
  }
}
