import { isLoopback } from "../../../address.ts";
import type { Rule } from "../rule.ts";

export const rule: Rule = {
  code: "ADMIN_EXPOSED",
  severity: "warning",
  title: "An admin interface that others can reach",
  page: `The admin interface shows addresses, states and the configuration to everybody who can connect. Changes need the token,
reading needs none, and nothing of it is encrypted.

Bind it to 127.0.0.1, and let people who must read it come through a proxy that authenticates them.`,
  find: ({ config }) =>
    isLoopback(config.admin.bind)
      ? []
      : [
          {
            path: ["admin", "bind"],
            message: "is not a loopback address: everybody who can connect may read it",
          },
        ],
};
