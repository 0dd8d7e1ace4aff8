import type { BalancerConfig } from "../../config/schema.ts";
import type { HeaderList } from "../../exchange.ts";
import { isConnectionField } from "./headers.ts";

/** What happens to a request's fields that a backend could take for others. */
export interface FieldGuard {
  /** Whether a field of this lower-case name is left out. `writes`: those that the balancer writes or leaves out for this request. */
  drops(name: string, writes: (name: string) => boolean): boolean;
  /** Whether the request is refused for one of its fields. */
  refuses(headers: HeaderList): boolean;
}

/**
 * Backends that speak CGI, WSGI, Rack, FastCGI or PHP get `X_Forwarded_For` and `X-Forwarded-For` under one name, some of
 * them any other sign for the hyphen, too: a client that sends the first sets what only the balancer may. And they get the
 * field `Proxy` as HTTP_PROXY, which many clients obey (CVE-2016-5385).
 */
export function createFieldGuard(mode: BalancerConfig["ambiguousFields"]): FieldGuard {
  switch (mode) {
    case "drop":
      return { drops: isAmbiguous, refuses: () => false };
    case "drop-all":
      return { drops: (name) => name === PROXY || NOT_PLAIN.test(name), refuses: () => false };
    case "refuse":
      return { drops: isAmbiguous, refuses: (headers) => headers.some(isAmbiguousClaim) };
    case "pass":
      return { drops: () => false, refuses: () => false };
  }
}

const PROXY = "proxy";

/** In a lower-case name: a sign that some backend folds into the hyphen or into its place. */
const NOT_PLAIN = /[^a-z0-9-]/;

function isAmbiguous(name: string, writes: (name: string) => boolean): boolean {
  if (!NOT_PLAIN.test(name)) return name === PROXY;
  const folded = foldedName(name);
  return isVouchedFor(folded) || writes(folded);
}

function isAmbiguousClaim(text: string, i: number): boolean {
  return i % 2 === 0 && isAmbiguous(text.toLowerCase(), () => false);
}

const foldedName = (name: string): string => name.replaceAll(/[^a-z0-9]/g, "-");

/** Fields that the balancer writes or interprets in every request. */
const isVouchedFor = (name: string): boolean =>
  isClientClaim(name) || isConnectionField(name) || name === "via" || name === PROXY;

/** Fields that describe a client and that only a proxy may set. */
export const isClientClaim = (name: string): boolean =>
  name.startsWith("x-forwarded-") || name === "forwarded" || name === "x-request-id";
