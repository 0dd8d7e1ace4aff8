import type { Rule } from "../rule.ts";

export const rule: Rule = {
  code: "ADMIN_UNFINDABLE",
  severity: "warning",
  title: "An admin interface that nobody will find",
  page: `With port 0 the system chooses a port, another one at each start. No scraper and no person knows it: there are no metrics,
no statistics and no way to change anything when it matters.

Give it a port of its own: \`admin: { bind: 127.0.0.1:8404 }\`.`,
  find: ({ config }) =>
    config.admin.bind.endsWith(":0")
      ? [{ path: ["admin", "bind"], message: "port 0 is another port at each start: nobody will find it" }]
      : [],
};
