import { regularExpression } from "./regular-expression.ts";
import type { LabelMatcher } from "./samples.ts";

/** A test of a label's value (empty when the series has no such label). Throws on a faulty expression. */
export function matcherTest({ op, value }: LabelMatcher): (labelValue: string) => boolean {
  switch (op) {
    case "=":
      return (given) => given === value;
    case "!=":
      return (given) => given !== value;
    case "=~":
      return regularExpression(value).test;
    case "!~": {
      const { test } = regularExpression(value);
      return (given) => !test(given);
    }
  }
}
