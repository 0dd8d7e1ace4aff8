import { needsSecure } from "../../../pool/sticky.ts";
import type { Rule } from "../rule.ts";
import { eachPool } from "../each-pool.ts";

export const rule: Rule = {
  code: "STICKY_OVER_PLAIN",
  severity: "error",
  title: "A sticky cookie that browsers will not keep",
  page: `Browsers keep a cookie whose name begins with __Host- or __Secure-, or that has SameSite=None, only when it is Secure, and
then only from https (RFC 6265bis). A listener without TLS leads to the pool, and no trusted proxy is listed that could
end TLS before it: its clients move from request to request.

Give the listener \`tls\`, list the proxy that ends TLS in trustedProxies, or take a plain name and sameSite lax.`,
  find: ({ config }) => {
    if (config.trustedProxies.length > 0) return [];
    const plain = new Set(
      config.listeners.flatMap(({ tls, routes }) => (tls ? [] : routes.map(({ pool }) => pool))),
    );
    return eachPool(config, ({ sticky }, path, name) =>
      sticky && needsSecure(sticky) && plain.has(name)
        ? [
            {
              path: [...path, "sticky"],
              message: `browsers keep ${sticky.cookie} only over TLS, and a listener without it leads here`,
            },
          ]
        : [],
    );
  },
};
