import {
  dropsName,
  isComparison,
  isSetOperator,
  operationOf,
  setOperation,
  vectorMatching,
  withScalar,
} from "./binary.ts";
import { compileAggregation, type Aggregate } from "./aggregations.ts";
import { distinct, distinctSeries, type Compiled, type Compiler, type Sample } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { FUNCTIONS } from "./functions.ts";
import { NAMELESS } from "./label-set.ts";
import { instantSelector, rangeSelector, subquery } from "./selectors.ts";

type Binary = Extract<Expression, { readonly kind: "binary" }>;
type FunctionCall = Extract<Expression, { readonly kind: "call" }>;

/** Compiles an expression: checks its types, and computes all that does not depend on time. */
export function compileExpression(expression: Expression, compiler: Compiler): Compiled {
  switch (expression.kind) {
    case "number": {
      const { value } = expression;
      return { type: "scalar", at: () => value };
    }
    case "string":
      return { type: "string", value: expression.value };
    case "selector":
      return instantSelector(expression, compiler);
    case "range":
      return rangeSelector(expression.selector, expression.rangeMs, compiler);
    case "subquery":
      return subquery(expression, compiler);
    case "sign":
      return metered(signed(expression, compiler), COST.plain, compiler);
    case "call":
      return metered(call(expression, compiler), COST[costOf(expression)], compiler);
    case "aggregation":
      return metered(compileAggregation(expression, compiler), COST[costOf(expression)], compiler);
    case "binary":
      return metered(binary(expression, compiler), COST[costOf(expression)], compiler);
  }
}

/** Cost of an element that is made, relative to a sample that is only read: unchanged, with cached labels, with new ones. */
const COST = { plain: 10, labels: 30, newLabels: 100 } as const;

function costOf(expression: FunctionCall | Aggregate | Binary): keyof typeof COST {
  if (expression.kind === "binary") return expression.matching.include.length > 0 ? "labels" : "plain";
  if (expression.name === "count_values") return "newLabels";
  return expression.name === "label_replace" || expression.name === "label_join" ? "labels" : "plain";
}

/** Counts the elements that an operation makes, so that evaluations are bounded. */
function metered(of: Compiled, cost: number, compiler: Compiler): Compiled {
  if (of.type === "scalar")
    return {
      type: "scalar",
      at(at) {
        compiler.run.spend(1);
        return of.at(at);
      },
    };
  if (of.type !== "vector") return of;
  return {
    type: "vector",
    at(at) {
      const samples = of.at(at);
      compiler.run.spend(cost * (samples.length + 1));
      return samples;
    },
  };
}

function signed(
  { of, negative }: Extract<Expression, { readonly kind: "sign" }>,
  compiler: Compiler,
): Compiled {
  const inner = compiler.compile(of);
  if (inner.type !== "scalar" && inner.type !== "vector")
    throw compiler.fault(of, "a sign belongs to a number or an instant vector");
  if (!negative) return inner;
  if (inner.type === "scalar") return { type: "scalar", at: (at) => -inner.at(at) };
  const series = distinctSeries(compiler);
  return {
    type: "vector",
    at(at) {
      const samples = inner.at(at);
      const negated = samples.map(({ set, value }) => ({ set: set.project(NAMELESS), value: -value }));
      // Prometheus 3 merges series that never overlap in time.
      return compiler.prometheus === 2 && series.ofMany
        ? series.check(
            negated,
            samples.map(({ set }) => set),
          )
        : distinct(negated);
    },
  };
}

function call(expression: FunctionCall, compiler: Compiler): Compiled {
  const { name, args } = expression;
  const spec = FUNCTIONS.get(name);
  if (!spec) throw compiler.fault(expression, `unknown function ${name}`);
  const { least, most } = spec;
  if (args.length < least || args.length > most) {
    const wanted =
      least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw compiler.fault(expression, `${name} takes ${wanted} arguments, not ${args.length}`);
  }
  const arg = (n: number): Expression => {
    const found = args[n];
    if (!found) throw compiler.fault(expression, `${name} needs ${n + 1} arguments, not ${args.length}`);
    return found;
  };
  return spec.compile({ name, args, arg, place: expression }, compiler);
}

function binary(expression: Binary, compiler: Compiler): Compiled {
  const { op, bool, matching } = expression;
  const { prometheus } = compiler;
  const left = operand(expression.left, compiler);
  const right = operand(expression.right, compiler);
  const fault = (message: string): Error => compiler.fault(expression, message);
  if (bool && !isComparison(op)) throw fault("bool belongs to comparisons only");
  if (left.type === "vector" && right.type === "vector") {
    const { many, include, labels, kind } = matching;
    const both = kind === "on" && include.find((label) => labels.includes(label));
    if (both) throw fault(`label "${both}" must not be in both on and group`);
    if (isSetOperator(op)) {
      if (many) throw fault(`${op} matches many to many by itself: no group_left or group_right`);
      const combine = setOperation(op, matching);
      return { type: "vector", at: (at) => combine(left.at(at), right.at(at)) };
    }
    const combine = vectorMatching(op, matching, { bool, prometheus });
    const checked =
      dropsName(op, bool, prometheus) || many !== undefined
        ? distinct
        : (samples: readonly Sample[]) => samples;
    return { type: "vector", at: (at) => checked(combine(left.at(at), right.at(at))) };
  }
  if (isSetOperator(op)) throw fault(`${op} needs instant vectors on both sides`);
  if (matching.labels.length > 0) throw fault("matching by labels needs instant vectors on both sides");
  if (left.type === "scalar" && right.type === "scalar") {
    if (isComparison(op) && !bool) throw fault("comparisons between numbers need the word bool");
    const operate = operationOf(op, bool);
    return { type: "scalar", at: (at) => operate(left.at(at), right.at(at)) ?? Number.NaN };
  }
  if (left.type === "vector" && right.type === "scalar")
    return {
      type: "vector",
      at: (at) => withScalar(left.at(at), right.at(at), op, { scalarIs: "right", bool, prometheus }),
    };
  if (left.type === "scalar" && right.type === "vector")
    return {
      type: "vector",
      at: (at) => withScalar(right.at(at), left.at(at), op, { scalarIs: "left", bool, prometheus }),
    };
  throw fault("operators work on numbers and instant vectors");
}

function operand(expression: Expression, compiler: Compiler) {
  const made = compiler.compile(expression);
  if (made.type === "scalar" || made.type === "vector") return made;
  throw compiler.fault(expression, "operators work on numbers and instant vectors");
}
