import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "SLOW_START_WITHOUT_EFFECT",
  severity: "warning",
  title: "A slow start that does nothing",
  page: `A slow start raises an upstream's weight step by step. ring-hash and maglev would move users with every step, so there it
is off; and first goes by no weight at all.

Take slowStartMs out, or take another policy.`,
  find: ({ config }) =>
    eachPool(config, ({ slowStartMs, policy }, path) =>
      slowStartMs > 0 && WITHOUT_STEPS.has(policy.type)
        ? [{ path: [...path, "slowStartMs"], message: `has no effect with ${policy.type}` }]
        : [],
    ),
};

const WITHOUT_STEPS: ReadonlySet<string> = new Set(["ring-hash", "maglev", "first"]);
