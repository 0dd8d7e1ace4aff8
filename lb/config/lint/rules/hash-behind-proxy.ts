import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "HASH_BEHIND_PROXY",
  severity: "warning",
  title: "A hash on the peer's address behind a proxy",
  page: `trustedProxies lists proxies that requests come through. Then the peer is a proxy and not a user, and a hash on it sends
all users behind one proxy to one upstream.

Hash on something of the user's: \`key: "cookie:NAME"\` or \`key: "header:NAME"\`.`,
  find: ({ config }) =>
    eachPool(config, ({ policy }, path) =>
      config.trustedProxies.length > 0 && "key" in policy && policy.key === "peer"
        ? [
            {
              path: [...path, "policy", "key"],
              message:
                "behind the trusted proxies every peer is a proxy: all of its users go to one upstream",
            },
          ]
        : [],
    ),
};
