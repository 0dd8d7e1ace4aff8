import type { Labels } from "../samples.ts";
import type { InhibitRule } from "./config.ts";
import { labelTest } from "./matching.ts";

/** Returns the firing alerts that inhibit one with these labels. */
export type Inhibition = <T extends { readonly labels: Labels }>(labels: Labels, firing: readonly T[]) => T[];

export function createInhibition(rules: readonly InhibitRule[]): Inhibition {
  const prepared = rules.map(({ source, target, equal }) => ({
    isSource: labelTest(source),
    isTarget: labelTest(target),
    equal,
  }));
  return (labels, firing) => {
    const concerned = prepared.filter(({ isTarget }) => isTarget(labels));
    if (concerned.length === 0) return [];
    return firing.filter(({ labels: other }) =>
      concerned.some(
        ({ isSource, isTarget, equal }) =>
          isSource(other) &&
          // An alert that is both source and target is inhibited by mere sources only: else two such would inhibit each other.
          !(isSource(labels) && isTarget(other)) &&
          equal.every((label) => (labels[label] ?? "") === (other[label] ?? "")),
      ),
    );
  };
}
