import { matcherTest } from "../label-matcher.ts";
import { labelValue } from "../label-value.ts";
import type { LabelMatcher, Labels } from "../samples.ts";

/** A test whether labels match all of the matchers, which are compiled once. */
export function labelTest(matchers: readonly LabelMatcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ label: matcher.label, passes: matcherTest(matcher) }));
  return (labels) => tests.every(({ label, passes }) => passes(labelValue(labels, label)));
}
