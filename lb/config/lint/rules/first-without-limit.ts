import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

/** The default of maxConnections, and the value from which it limits nothing. */
const [UNCHOSEN, ENDLESS] = [64, 1000];

export const rule: Rule = {
  code: "FIRST_WITHOUT_LIMIT",
  severity: "warning",
  title: "Policy first without a limit chosen for the first",
  page: `The policy first fills one upstream up to its maxConnections before the next gets anything. With the default of 64, or
with more than 1000, an ordinary load never gets past the first: the others idle while it is overloaded.

Give each upstream the maxConnections that it can serve well, or take round-robin or least-connections.`,
  find: ({ config }) =>
    eachPool(config, ({ policy, upstreams }, path) => {
      if (policy.type !== "first") return [];
      // There is none behind the last one.
      return upstreams.slice(0, -1).flatMap(({ name, maxConnections }, index) => {
        if (maxConnections !== UNCHOSEN && maxConnections < ENDLESS) return [];
        const message = `${name} takes ${maxConnections} requests at once before the next upstream gets one${maxConnections === UNCHOSEN ? ", which is the default" : ""}`;
        return [{ path: [...path, "upstreams", index, "maxConnections"], message }];
      });
    }),
};
