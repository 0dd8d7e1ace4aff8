import { distinct, type Sample } from "./evaluation.ts";
import { EvaluationError } from "./evaluation-errors.ts";
import type { BinaryOperator, Matching } from "./expression.ts";
import { labelValue } from "../label-value.ts";
import {
  dropping,
  droppingOnly,
  keeping,
  NAMELESS,
  withLabels,
  type LabelSet,
  type Projection,
} from "./label-set.ts";
import { power } from "./sums.ts";

const ARITHMETIC: Partial<Record<BinaryOperator, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": power,
  atan2: Math.atan2,
};
const COMPARISON: Partial<Record<BinaryOperator, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
};

export const isComparison = (op: BinaryOperator): boolean => op in COMPARISON;
export const isSetOperator = (op: BinaryOperator): boolean => op === "and" || op === "or" || op === "unless";

/** The result for two numbers; undefined: filtered out by a comparison. */
export type Operation = (left: number, right: number) => number | undefined;

export function operationOf(op: BinaryOperator, bool: boolean): Operation {
  const arithmetic = ARITHMETIC[op];
  if (arithmetic) return arithmetic;
  const holds = COMPARISON[op];
  if (!holds) throw new Error(`${op} is not an operation of two numbers`);
  return bool ? (a, b) => (holds(a, b) ? 1 : 0) : (a, b) => (holds(a, b) ? a : undefined);
}

/** Whether an operation drops the metric's name. Prometheus 2 missed atan2. */
export const dropsName = (op: BinaryOperator, bool: boolean, prometheus: 2 | 3): boolean =>
  bool || (op in ARITHMETIC && !(op === "atan2" && prometheus === 2));

interface Details {
  readonly bool: boolean;
  readonly prometheus: 2 | 3;
}

export interface Side extends Details {
  readonly scalarIs: "left" | "right";
}

/** Each element with the same number. A comparison keeps the element's own value, on whichever side it is. */
export function withScalar(
  samples: readonly Sample[],
  scalar: number,
  op: BinaryOperator,
  { scalarIs, bool, prometheus }: Side,
): readonly Sample[] {
  const operate = operationOf(op, bool);
  const nameless = dropsName(op, bool, prometheus);
  const keepsOwn = isComparison(op) && !bool;
  const results: Sample[] = [];
  for (const { set, value } of samples) {
    const result = scalarIs === "right" ? operate(value, scalar) : operate(scalar, value);
    if (result === undefined) continue;
    results.push({ set: nameless ? set.project(NAMELESS) : set, value: keepsOwn ? value : result });
  }
  return nameless ? distinct(results) : results;
}

/** The labels by which elements of both sides match. */
const signatureOf = ({ kind, labels }: Matching): Projection =>
  kind === "on" ? keeping(labels) : dropping(labels);

/** Prepares vector matching, so that its projections are made once. */
export function vectorMatching(op: BinaryOperator, matching: Matching, { bool, prometheus }: Details) {
  const operate = operationOf(op, bool);
  const signature = signatureOf(matching);
  const nameless = dropsName(op, bool, prometheus);
  const ownLabels =
    matching.many !== undefined
      ? undefined
      : matching.kind === "on"
        ? keeping(matching.labels)
        : droppingOnly(matching.labels);
  const swapped = matching.many === "right";

  // The same pairs of series match at every evaluation.
  const met = new WeakMap<LabelSet, { readonly one: LabelSet; readonly made: LabelSet }>();
  function resultSet(many: LabelSet, one: LabelSet): LabelSet {
    const named = nameless ? many.project(NAMELESS) : many;
    const own = ownLabels ? named.project(ownLabels) : named;
    if (matching.include.length === 0) return own;
    const before = met.get(many);
    if (before?.one === one) return before.made;
    const made = withLabels(
      own,
      Object.fromEntries(matching.include.map((label) => [label, labelValue(one.labels, label)])),
    );
    met.set(many, { one, made });
    return made;
  }

  return (left: readonly Sample[], right: readonly Sample[]): readonly Sample[] => {
    if (left.length === 0 || right.length === 0) return [];
    const [many, one] = swapped ? [right, left] : [left, right];
    const partners = new Map<string, Sample>();
    for (const sample of one) {
      const { key } = sample.set.project(signature);
      if (partners.has(key))
        throw new EvaluationError(
          `found duplicate series for the match group ${key} on the ${swapped ? "left" : "right"} hand-side of the operation: many-to-many matching not allowed: matching labels must be unique on one side`,
        );
      partners.set(key, sample);
    }
    const taken = new Map<string, Set<string>>();
    const results: Sample[] = [];
    for (const { set, value } of many) {
      const { key } = set.project(signature);
      const partner = partners.get(key);
      if (!partner) continue;
      const result = swapped ? operate(partner.value, value) : operate(value, partner.value);
      // Prometheus 3 sees that too many match also where a comparison leaves them out.
      if (result === undefined && prometheus === 2) continue;
      const made = resultSet(set, partner.set);
      const used = taken.get(key);
      if (!used) taken.set(key, new Set([made.key]));
      else if (matching.many === undefined)
        throw new EvaluationError(
          "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
        );
      else if (used.has(made.key))
        throw new EvaluationError("multiple matches for labels: grouping labels must ensure unique matches");
      else used.add(made.key);
      if (result !== undefined) results.push({ set: made, value: result });
    }
    return results;
  };
}

/** and, or, unless: unchanged elements, by whether the other side has a match. */
export function setOperation(op: BinaryOperator, matching: Matching) {
  const signature = signatureOf(matching);
  const keysOf = (samples: readonly Sample[]): Set<string> =>
    new Set(samples.map(({ set }) => set.project(signature).key));
  return (left: readonly Sample[], right: readonly Sample[]): readonly Sample[] => {
    if (op === "or") {
      const known = keysOf(left);
      return [...left, ...right.filter(({ set }) => !known.has(set.project(signature).key))];
    }
    const known = keysOf(right);
    return left.filter(({ set }) => known.has(set.project(signature).key) === (op === "and"));
  };
}
