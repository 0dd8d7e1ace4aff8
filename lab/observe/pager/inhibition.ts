import type { Labels } from "../samples.ts";
import type { InhibitRule } from "./config.ts";
import { labelTest } from "./matching.ts";

/** Says which of the firing alerts keep one with these labels back. */
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
          // Who is both source and target is kept back by sources alone: else two such would silence each other.
          !(isSource(labels) && isTarget(other)) &&
          equal.every((label) => (labels[label] ?? "") === (other[label] ?? "")),
      ),
    );
  };
}
