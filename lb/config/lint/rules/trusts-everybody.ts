import type { Rule } from "../rule.ts";

export const rule: Rule = {
  code: "TRUSTS_EVERYBODY",
  severity: "error",
  title: "Every client is a trusted proxy",
  page: `A range of length 0 holds every address there is. Any client can then write X-Forwarded-For by itself: it claims any
address, and logs, limits and hashes believe it.

List the addresses of the proxies before this balancer: 10.0.0.0/8 or one by one. Where there are none, take the range out.`,
  find: ({ config }) =>
    config.trustedProxies.flatMap((range, index) =>
      /\/0+$/.test(range)
        ? [
            {
              path: ["trustedProxies", index],
              message:
                "trusts everybody: any client can claim any address; list the proxies before this balancer",
            },
          ]
        : [],
    ),
};
