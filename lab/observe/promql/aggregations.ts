import {
  AGGREGATIONS,
  checkCount,
  countedValues,
  createAggregator,
  quantileAggregation,
  topmost,
  type Aggregation,
} from "./aggregate.ts";
import type { Compiled, CompiledVector, Compiler } from "./evaluation.ts";
import type { Expression } from "./expression.ts";
import { dropping, keeping, type Projection } from "./label-set.ts";
import { labelName } from "./label-functions.ts";
import { quantileWarning } from "./quantile-warning.ts";
import { UNSUPPORTED_AGGREGATIONS } from "./unsupported.ts";

export type Aggregate = Extract<Expression, { readonly kind: "aggregation" }>;

interface Aggregated {
  readonly expression: Aggregate;
  readonly by: Projection;
  readonly of: CompiledVector;
  readonly compiler: Compiler;
}

const plain =
  (aggregation: Aggregation) =>
  ({ by, of }: Aggregated): Compiled => {
    const aggregated = createAggregator(by);
    return { type: "vector", at: (at) => aggregated(of.at(at), aggregation) };
  };

type WithParameter = (parameter: Expression, of: Aggregated) => Compiled;

const topK =
  (least: boolean): WithParameter =>
  (parameter, { expression, by, of, compiler }) => {
    const k = compiler.scalar(parameter, expression.name);
    return {
      type: "vector",
      at(at) {
        const samples = of.at(at);
        const count = k.at(at);
        // As Prometheus 3, which reports nothing for a count below one.
        if (count < 1) return [];
        checkCount(count);
        return topmost(samples, by, { k: count, least });
      },
    };
  };

const quantile: WithParameter = (parameter, { expression, by, of, compiler }) => {
  const q = compiler.scalar(parameter, expression.name);
  const aggregated = createAggregator(by);
  return {
    type: "vector",
    at(at) {
      const value = q.at(at);
      const warning = quantileWarning(value);
      if (warning !== undefined) compiler.warn(parameter, warning);
      return aggregated(of.at(at), quantileAggregation(value));
    },
  };
};

const countValues: WithParameter = (parameter, { expression, by, of, compiler }) => {
  const label = labelName(parameter, expression.name, compiler);
  const { kind, labels } = expression.grouping;
  const kept = kind === "by" ? keeping([...labels, label]) : by;
  return { type: "vector", at: (at) => countedValues(of.at(at), kept, label) };
};

const WITH_PARAMETER: ReadonlyMap<string, WithParameter> = new Map([
  ["topk", topK(false)],
  ["bottomk", topK(true)],
  ["quantile", quantile],
  ["count_values", countValues],
]);

/** Every aggregation that is supported, by its name. */
export const AGGREGATION_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(AGGREGATIONS),
  ...WITH_PARAMETER.keys(),
]);

export function compileAggregation(expression: Aggregate, compiler: Compiler): Compiled {
  const { name, grouping, args } = expression;
  if (UNSUPPORTED_AGGREGATIONS.has(name))
    throw compiler.unsupported(expression, `the aggregation ${name} is not supported`);
  const withParameter = WITH_PARAMETER.get(name);
  const wanted = withParameter ? 2 : 1;
  const of = args[wanted - 1];
  if (!of || args.length > wanted)
    throw compiler.fault(
      expression,
      `${name} takes ${wanted} ${wanted === 1 ? "argument" : "arguments"}, not ${args.length}`,
    );
  const aggregated: Aggregated = {
    expression,
    by: grouping.kind === "by" ? keeping(grouping.labels) : dropping(grouping.labels),
    of: compiler.vector(of, name),
    compiler,
  };
  const [parameter] = args;
  if (withParameter && parameter) return withParameter(parameter, aggregated);
  const aggregation = aggregationOf(name, compiler.prometheus);
  if (!aggregation) throw compiler.fault(expression, `unknown aggregation ${name}`);
  return plain(aggregation)(aggregated);
}

function aggregationOf(name: string, prometheus: 2 | 3): Aggregation | undefined {
  const aggregation = AGGREGATIONS[name];
  if (!aggregation || prometheus === 3 || !name.startsWith("std")) return aggregation;
  // Prometheus 2 does not look at the value when there is only one, which may be no number.
  return (values, count) => (count === 1 ? 0 : aggregation(values, count));
}
