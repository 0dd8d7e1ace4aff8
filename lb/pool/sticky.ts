import type { PoolConfig } from "../config/schema.ts";
import { cookieValue } from "../request/headers/cookie.ts";
import type { Exchange } from "../exchange.ts";

export interface Sticky {
  /** The upstream's name in the client's cookie, if it carries one. */
  carried(exchange: Exchange): string | undefined;
  /** The Set-Cookie value that keeps the client on `upstream` from this answer on; `secure`: it came over TLS. */
  cookie(upstream: string, secure: boolean): string;
}

export type StickySettings = NonNullable<PoolConfig["sticky"]>;

/**
 * Keeps a client on its upstream by a cookie that holds the upstream's name, on top of any policy. Each answer sets it, as
 * AWS' ALB does: its time runs from the last one, and no user moves in the middle of their work.
 */
export function createSticky(settings: StickySettings): Sticky {
  const { cookie, ttlSeconds, sameSite } = settings;
  const attributes = `; Path=/; Max-Age=${ttlSeconds}; HttpOnly; SameSite=${WORDS[sameSite]}`;
  const always = needsSecure(settings);
  return {
    carried: (exchange) => cookieValue(exchange.header("cookie"), cookie),
    cookie: (upstream, secure) => `${cookie}=${upstream}${attributes}${secure || always ? "; Secure" : ""}`,
  };
}

/** Browsers keep such a cookie only when it is Secure (RFC 6265bis, 4.1.3 and 5.7), and so never over plain HTTP. */
export function needsSecure({ cookie, sameSite }: StickySettings): boolean {
  return sameSite === "none" || /^__(host|secure)-/i.test(cookie);
}

const WORDS = { lax: "Lax", strict: "Strict", none: "None" } as const;
