import type { PoolConfig } from "../config/schema.ts";
import { cookieValue } from "../request/headers/cookie.ts";
import type { Exchange } from "../exchange.ts";

/** What a policy's hash is taken of; undefined when the request does not have it, or has it empty. */
export type KeyOf = (exchange: Exchange) => string | undefined;

const noKey: KeyOf = () => undefined;

/** The hash key of a pool's policy, if that hashes. */
export function createKeyOf(policy: PoolConfig["policy"]): KeyOf {
  return "key" in policy ? keyReader(policy.key) : noKey;
}

/** Reads a `key` setting once: `cookie:NAME`, `header:NAME` or `peer`. */
export function keyReader(key: string): KeyOf {
  if (key === "peer") return ({ head }) => head.peer;
  const colon = key.indexOf(":");
  const name = key.slice(colon + 1);
  if (key.startsWith("cookie:"))
    // An empty value identifies no client: those that share it must not all land on one upstream.
    return (exchange) => cookieValue(exchange.header("cookie"), name) || undefined;
  const field = name.toLowerCase();
  return (exchange) => exchange.header(field) || undefined;
}
