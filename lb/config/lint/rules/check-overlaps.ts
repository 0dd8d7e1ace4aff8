import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "CHECK_OVERLAPS",
  severity: "warning",
  title: "A health check may take longer than the time to the next one",
  page: `With a timeout above the interval, an upstream that hangs is not checked every interval but every timeout, and is taken
DOWN later than after \`fall\` intervals.

Set health.timeoutMs below health.intervalMs.`,
  find: ({ config }) =>
    eachPool(config, ({ health }, path) =>
      health && health.timeoutMs > health.intervalMs
        ? [
            {
              path: [...path, "health", "timeoutMs"],
              message: `is ${health.timeoutMs} ms, above the interval of ${health.intervalMs} ms`,
            },
          ]
        : [],
    ),
};
