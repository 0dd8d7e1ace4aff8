import type { Labels } from "../samples.ts";
import type { InhibitRule } from "./config.ts";
import { labelTest } from "./matching.ts";

/** Says of an alert which of the firing ones keep it back: their indices; empty when none does. */
export type Inhibition = (labels: Labels, firing: readonly Labels[]) => readonly number[];

export function createInhibition(rules: readonly InhibitRule[]): Inhibition {
  const prepared = rules.map(({ source, target, equal }) => ({
    isSource: labelTest(source),
    isTarget: labelTest(target),
    equal,
  }));
  return (labels, firing) =>
    firing.flatMap((other, i) => {
      const keptBack = prepared.some(
        ({ isSource, isTarget, equal }) =>
          isTarget(labels) &&
          isSource(other) &&
          // Who is both source and target is kept back by sources alone: else two such would silence each other.
          !(isSource(labels) && isTarget(other)) &&
          equal.every((label) => (labels[label] ?? "") === (other[label] ?? "")),
      );
      return keptBack ? [i] : [];
    });
}
