import type { PoolConfig } from "./config/schema.ts";
import { cookieValue } from "./cookie.ts";
import type { Exchange } from "./exchange.ts";

export interface Sticky {
  /** The upstream's name in the client's cookie, if it carries one. */
  carried(exchange: Exchange): string | undefined;
  /** The Set-Cookie value that keeps the client on `upstream`; undefined when it carries the right cookie already. */
  renewal(carried: string | undefined, upstream: string): string | undefined;
}

/** Keeps a client on its upstream by a cookie that holds the upstream's name, on top of any policy. */
export function createSticky({ cookie, ttlSeconds }: NonNullable<PoolConfig["sticky"]>): Sticky {
  return {
    carried: (exchange) => cookieValue(exchange.header("cookie"), cookie),
    renewal: (carried, upstream) =>
      carried === upstream
        ? undefined
        : `${cookie}=${upstream}; Path=/; Max-Age=${ttlSeconds}; HttpOnly; SameSite=Lax`,
  };
}
