import type { Scenario } from "../../scenarios/scenario.ts";
import { assertTogether, NO_CHOICE, type Choice } from "../measures/choice.ts";
import { MEASURES } from "../measures/index.ts";

/** One row of the matrix: which measures are on, and what it is for. */
export interface Row {
  readonly choice: Choice;
  readonly kind: "baseline" | "alone" | "removed" | "together" | "all-but-one" | "given";
}

export interface RowsWanted {
  /** These measures only; absent: all. */
  readonly given: Choice | undefined;
  /** Each of the given ones alone. */
  readonly isEach: boolean;
  /** Without all but one. */
  readonly isShort: boolean;
}

export function rowsOf({ given, isEach, isShort }: RowsWanted): readonly Row[] {
  const baseline: Row = { choice: NO_CHOICE, kind: "baseline" };
  if (given && isEach)
    return [
      baseline,
      ...Object.entries(given.with).map(([name, options]): Row => ({
        choice: { with: { [name]: options }, without: [] },
        kind: "alone",
      })),
      ...given.without.map((name): Row => ({ choice: { with: {}, without: [name] }, kind: "removed" })),
    ];
  if (given) return [baseline, { choice: given, kind: "given" }];
  const added = MEASURES.filter(({ addsNothing }) => !addsNothing).map(({ name }) => name);
  const on = (names: readonly string[]): Choice =>
    assertTogether({
      with: Object.fromEntries(names.map((name) => [name, {}])),
      without: [],
    });
  const removable = MEASURES.filter(({ isStandard }) => isStandard);
  return [
    baseline,
    ...added.map((name): Row => ({ choice: on([name]), kind: "alone" })),
    ...removable.map(({ name }): Row => ({ choice: { with: {}, without: [name] }, kind: "removed" })),
    { choice: on(added), kind: "together" },
    ...(isShort ? [] : added).map((name): Row => ({
      choice: on(added.filter((one) => one !== name)),
      kind: "all-but-one",
    })),
  ];
}

/** The longest first: the last one should not keep one core busy alone. */
export const longestFirst = (scenarios: readonly Scenario[]): readonly Scenario[] =>
  scenarios.toSorted((a, b) => b.report.minutes.restore - a.report.minutes.restore);
