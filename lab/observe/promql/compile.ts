import { createAggregator, AGGREGATIONS, countedValues, quantileAggregation, topmost } from "./aggregate.ts";
import {
  dropsName,
  isComparison,
  isSetOperator,
  operationOf,
  setOperation,
  vectorMatching,
  withScalar,
} from "./binary.ts";
import { distinct, type Compiled, type CompiledRange, type Compiler, type Sample } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { createLabelSet, dropping, keeping, NAMELESS } from "./label-set.ts";
import {
  KEEPS_NAME,
  NUMBER_RANGE_FUNCTIONS,
  RANGE_FUNCTIONS,
  type RangeFunction,
} from "./range-functions.ts";
import { instantSelector, rangeSelector, subquery } from "./selectors.ts";
import { labelsOfMissing, matchersOf, VECTOR_FUNCTIONS, type Call } from "./vector-functions.ts";

type Binary = Extract<Expression, { readonly kind: "binary" }>;
type Aggregate = Extract<Expression, { readonly kind: "aggregation" }>;
type FunctionCall = Extract<Expression, { readonly kind: "call" }>;

/** Makes an expression ready: its types are checked, and all that does not depend on time is worked out. */
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
    case "negation":
      return negation(expression, compiler);
    case "call":
      return call(expression, compiler);
    case "aggregation":
      return aggregation(expression, compiler);
    case "binary":
      return binary(expression, compiler);
  }
}

function negation({ of }: Extract<Expression, { readonly kind: "negation" }>, compiler: Compiler): Compiled {
  const inner = compiler.compile(of);
  if (inner.type === "scalar") return { type: "scalar", at: (at) => -inner.at(at) };
  if (inner.type !== "vector") throw compiler.fault(of, "a sign belongs to a number or an instant vector");
  return {
    type: "vector",
    at: (at) =>
      distinct(inner.at(at).map(({ set, value }) => ({ set: set.project(NAMELESS), value: -value }))),
  };
}

function call(expression: FunctionCall, compiler: Compiler): Compiled {
  const { name, args } = expression;
  const arg = (n: number): Expression => {
    const found = args[n];
    if (!found) throw compiler.fault(expression, `${name} needs ${n + 1} arguments, not ${args.length}`);
    return found;
  };
  const expect = (least: number, most: number): void => {
    if (args.length >= least && args.length <= most) return;
    const wanted =
      least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw compiler.fault(expression, `${name} takes ${wanted} arguments, not ${args.length}`);
  };
  const ofRange = RANGE_FUNCTIONS[name];
  if (ofRange) {
    expect(1, 1);
    return rangeCall(compiler.range(arg(0), name), { name, make: () => ofRange, compiler });
  }
  const withNumber = NUMBER_RANGE_FUNCTIONS[name];
  if (withNumber) {
    expect(2, 2);
    const [number, range] = withNumber.order === "number first" ? [arg(0), arg(1)] : [arg(1), arg(0)];
    const given = compiler.scalar(number, name);
    const of = compiler.range(range, name);
    return rangeCall(of, { name, make: (at) => withNumber.make(given.at(at)), compiler });
  }
  if (name === "absent_over_time") {
    expect(1, 1);
    return absentOverTime(compiler.range(arg(0), name), arg(0));
  }
  if (name === "timestamp") {
    expect(1, 1);
    return timestamps(arg(0), compiler);
  }
  const spec = VECTOR_FUNCTIONS[name];
  if (!spec) throw compiler.fault(expression, `the function ${name} is not supported`);
  expect(spec.least, spec.most);
  const made: Call = { name, args, arg, place: expression };
  return spec.compile(made, compiler);
}

interface RangeCall {
  readonly name: string;
  readonly make: (atMs: number) => RangeFunction;
  readonly compiler: Compiler;
}

function rangeCall(of: CompiledRange, { name, make, compiler: { prometheus } }: RangeCall): Compiled {
  const keepsName = KEEPS_NAME.has(name);
  return {
    type: "vector",
    at(at) {
      const samples: Sample[] = [];
      const fn = make(at);
      const endMs = at - of.offsetMs;
      const range = { startMs: endMs - of.rangeMs, endMs, prometheus };
      of.each(at, ({ set, window }) => {
        const value = fn(window, range);
        if (value !== undefined) samples.push({ set: keepsName ? set : set.project(NAMELESS), value });
      });
      return keepsName ? samples : distinct(samples);
    },
  };
}

function absentOverTime(of: CompiledRange, place: Expression): Compiled {
  const missing: readonly Sample[] = [{ set: createLabelSet(labelsOfMissing(matchersOf(place))), value: 1 }];
  return {
    type: "vector",
    at(at) {
      let found = false;
      of.each(at, () => (found = true));
      return found ? [] : missing;
    },
  };
}

/** When each sample was taken; of anything but a selector, now. */
function timestamps(of: Expression, compiler: Compiler): Compiled {
  const inner =
    of.kind === "selector"
      ? instantSelector(of, compiler, ({ atMs }) => atMs / 1000)
      : compiler.vector(of, "timestamp");
  return {
    type: "vector",
    at: (at) =>
      distinct(
        inner.at(at).map(({ set, value }) => ({
          set: set.project(NAMELESS),
          value: of.kind === "selector" ? value : at / 1000,
        })),
      ),
  };
}

function aggregation(expression: Aggregate, compiler: Compiler): Compiled {
  const { name, grouping, parameter, of } = expression;
  const by = grouping.kind === "by" ? keeping(grouping.labels) : dropping(grouping.labels);
  const inner = compiler.vector(of, name);
  const plain = AGGREGATIONS[name];
  if (plain) {
    if (parameter) throw compiler.fault(parameter, `${name} takes no parameter`);
    const aggregated = createAggregator(by);
    return { type: "vector", at: (at) => aggregated(inner.at(at), plain) };
  }
  if (!parameter) throw compiler.fault(expression, `${name} needs a parameter before its expression`);
  switch (name) {
    case "topk":
    case "bottomk": {
      const k = compiler.scalar(parameter, name);
      const least = name === "bottomk";
      return { type: "vector", at: (at) => topmost(inner.at(at), by, { k: k.at(at), least }) };
    }
    case "quantile": {
      const q = compiler.scalar(parameter, name);
      const aggregated = createAggregator(by);
      return { type: "vector", at: (at) => aggregated(inner.at(at), quantileAggregation(q.at(at))) };
    }
    case "count_values": {
      const label = compiler.string(parameter, name);
      if (!/^[A-Za-z_]\w*$/.test(label)) throw compiler.fault(parameter, `not a label's name: "${label}"`);
      return { type: "vector", at: (at) => countedValues(inner.at(at), by, label) };
    }
    default:
      throw compiler.fault(expression, `the aggregation ${name} is not supported`);
  }
}

function binary(expression: Binary, compiler: Compiler): Compiled {
  const { op, bool, matching } = expression;
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
    const combine = vectorMatching(op, matching, bool);
    const checked =
      dropsName(op, bool) || many !== undefined ? distinct : (samples: readonly Sample[]) => samples;
    return { type: "vector", at: (at) => checked(combine(left.at(at), right.at(at))) };
  }
  if (isSetOperator(op)) throw fault(`${op} needs instant vectors on both sides`);
  if (matching.labels.length > 0 || matching.many || matching.kind === "on")
    throw fault("matching by labels needs instant vectors on both sides");
  if (left.type === "scalar" && right.type === "scalar") {
    if (isComparison(op) && !bool) throw fault("comparisons between numbers need the word bool");
    const operate = operationOf(op, bool);
    return { type: "scalar", at: (at) => operate(left.at(at), right.at(at)) ?? Number.NaN };
  }
  if (left.type === "vector" && right.type === "scalar")
    return {
      type: "vector",
      at: (at) => withScalar(left.at(at), right.at(at), op, { scalarIs: "right", bool }),
    };
  if (left.type === "scalar" && right.type === "vector")
    return {
      type: "vector",
      at: (at) => withScalar(right.at(at), left.at(at), op, { scalarIs: "left", bool }),
    };
  throw fault("operators work on numbers and instant vectors");
}

function operand(expression: Expression, compiler: Compiler) {
  const made = compiler.compile(expression);
  if (made.type === "scalar" || made.type === "vector") return made;
  throw compiler.fault(expression, "operators work on numbers and instant vectors");
}
