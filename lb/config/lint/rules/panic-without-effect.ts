import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "PANIC_WITHOUT_EFFECT",
  severity: "warning",
  title: "A panic threshold that does nothing",
  page: `panicBelowPercent is the share of healthy upstreams below which requests go to all that are ready, healthy or not (panic
mode). With \`allDown: refuse\`, which is the default, they never do.

Set \`allDown: all\` with it, or take panicBelowPercent out.`,
  find: ({ config }) =>
    eachPool(config, ({ allDown, panicBelowPercent }, path) =>
      allDown === "refuse" && panicBelowPercent > 0
        ? [
            {
              path: [...path, "panicBelowPercent"],
              message: "has no effect with allDown: refuse; it needs allDown: all",
            },
          ]
        : [],
    ),
};
