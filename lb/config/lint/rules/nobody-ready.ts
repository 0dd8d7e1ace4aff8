import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "NOBODY_READY",
  severity: "error",
  title: "No upstream of a pool would get a request",
  page: `Every upstream of the pool is in drain or maintenance, or has weight 0. Each request to it gets 503 with flag UH, as if
all had failed, and no health check can change that.

Set one upstream to ready with a weight above 0, or take the routes to the pool out.`,
  find: ({ config }) =>
    eachPool(config, (pool, path) =>
      pool.upstreams.some(({ state, weight }) => state === "ready" && weight > 0)
        ? []
        : [
            {
              path: [...path, "upstreams"],
              message: "no upstream is ready with a weight above 0: every request would get 503",
            },
          ],
    ),
};
