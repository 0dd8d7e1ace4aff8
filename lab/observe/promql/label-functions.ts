import { messageOf } from "../../../runtime/errors.ts";
import { labelValue } from "../label-value.ts";
import { regularExpression, type RegularExpression } from "../regular-expression.ts";
import { distinct, type Compiler } from "./evaluation.ts";
import { EvaluationError } from "./evaluation-errors.ts";
import type { Expression } from "./expression.ts";
import { takes, type FunctionSpec } from "./function-spec.ts";
import { withLabels, type LabelSet } from "./label-set.ts";

/** Go's $1 and ${name} in a replacement. */
const expanded = (replacement: string, group: (name: string) => string): string =>
  replacement.replaceAll(
    /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu,
    (whole, bare?: string, braced?: string) => (whole === "$$" ? "$" : group(bare ?? braced ?? "")),
  );

/** Labels that are made from labels again and again grow without bound. */
const MAX_LABEL_LENGTH = 65_536;

/** Sets a label to a value derived from a set's labels; undefined: the set is unchanged. Results are cached. */
function createRelabelling(
  target: string,
  valueOf: (labels: LabelSet["labels"]) => string | undefined,
): (set: LabelSet) => LabelSet {
  const made = new WeakMap<LabelSet, LabelSet>();
  return (set) => {
    const known = made.get(set);
    if (known) return known;
    const value = valueOf(set.labels);
    if (value !== undefined && value.length > MAX_LABEL_LENGTH)
      throw new EvaluationError(
        `a label may have ${MAX_LABEL_LENGTH} characters, not ${value.length}: ${target}`,
      );
    const relabelled = value === undefined ? set : withLabels(set, { [target]: value });
    made.set(set, relabelled);
    return relabelled;
  };
}

/** The label name at this place: in Prometheus 3 any text but an empty one. */
export function labelName(at: Expression, name: string, compiler: Compiler): string {
  const label = compiler.string(at, name);
  if (label === "" || (compiler.prometheus === 2 && !/^[A-Za-z_]\w*$/.test(label)))
    throw compiler.fault(at, `not a label's name: ${JSON.stringify(label)}`);
  return label;
}

/** Functions that derive one label of a series from its others, by their names. */
export const LABEL_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  label_replace: takes(5, 5, ({ name, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const target = labelName(arg(1), name, compiler);
    const replacement = compiler.string(arg(2), name);
    const source = compiler.string(arg(3), name);
    const pattern = compiler.string(arg(4), name);
    let expression: RegularExpression;
    try {
      expression = regularExpression(pattern);
    } catch (error) {
      throw compiler.fault(arg(4), messageOf(error));
    }
    const relabel = createRelabelling(target, (labels) => {
      const group = expression.match(labelValue(labels, source));
      return group && expanded(replacement, group);
    });
    return {
      type: "vector",
      at: (at) => distinct(of.at(at).map(({ set, value }) => ({ set: relabel(set), value }))),
    };
  }),
  label_join: takes(3, Infinity, ({ name, args, arg }, compiler) => {
    const of = compiler.vector(arg(0), name);
    const target = labelName(arg(1), name, compiler);
    const separator = compiler.string(arg(2), name);
    const sources = args.slice(3).map((one) => labelName(one, name, compiler));
    const relabel = createRelabelling(target, (labels) =>
      sources.map((source) => labelValue(labels, source)).join(separator),
    );
    return {
      type: "vector",
      at: (at) => distinct(of.at(at).map(({ set, value }) => ({ set: relabel(set), value }))),
    };
  }),
};
