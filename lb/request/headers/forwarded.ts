import { CodedError } from "../../../runtime/errors.ts";
import { addressBytes, isInRange, parseAddressRange } from "../../../runtime/ip-address.ts";
import type { Random } from "../../../runtime/random.ts";
import type { BalancerConfig } from "../../config/schema.ts";
import type { Exchange } from "../../exchange.ts";
import { createFieldGuard, isClientClaim } from "./field-guard.ts";
import type { HeaderEdit } from "./header-edit.ts";
import { endToEnd, listValues, VIA } from "./headers.ts";
import { newRequestId } from "./request-id.ts";

export interface Forwarding {
  /** The request's id: that of a trusted proxy before us if it is fit for a log, else a new one of 16 hex digits. */
  requestId(exchange: Exchange): string;
  /** The header fields that an upstream gets: the client's as the route's rules leave them, and our own. */
  requestHeaders(exchange: Exchange, requestId: string, edit: HeaderEdit | undefined): string[];
  /** Whether the request is not to be forwarded, for a field that could be taken for one of ours. */
  refuses(exchange: Exchange): boolean;
}

/**
 * Writes the fields by which upstreams learn of the client. X-Forwarded-*, Forwarded and X-Request-Id are believed only of
 * the proxies listed (addresses or CIDR); those of all other peers are replaced, since any client can send them.
 */
export function createForwarding(
  {
    trustedProxies,
    ambiguousFields,
  }: { readonly trustedProxies: readonly string[] } & Pick<BalancerConfig, "ambiguousFields">,
  random: Random,
): Forwarding {
  const isTrusted = createTrust(trustedProxies);
  const guard = createFieldGuard(ambiguousFields);
  const dropsOf = (written: (name: string) => boolean) => (name: string) =>
    written(name) || guard.drops(name, written);
  // Made once: most routes have no rules.
  const dropsOfTrusted = dropsOf(isRewritten);
  const dropsOfOthers = dropsOf(isClientClaim);
  return {
    refuses: ({ head }) => guard.refuses(head.headers),
    requestId(exchange) {
      const given = exchange.header("x-request-id");
      return given && REQUEST_ID.test(given) && isTrusted(exchange.head.peer) ? given : newRequestId(random);
    },
    requestHeaders(exchange, requestId, edit) {
      const { headers, peer, upgrade, secure } = exchange.head;
      const trusted = isTrusted(peer);
      const written = trusted ? isRewritten : isClientClaim;
      const drops = trusted ? dropsOfTrusted : dropsOfOthers;
      const kept = endToEnd(headers, edit ? dropsOf((name) => written(name) || edit.drops(name)) : drops);
      if (edit) kept.push(...edit.appended);
      const before = trusted ? listValues(headers, "x-forwarded-for") : [];
      kept.push("x-forwarded-for", before.length === 0 ? peer : `${before.join(", ")}, ${peer}`);
      const protocol = trusted ? exchange.header("x-forwarded-proto") : undefined;
      const host = trusted ? exchange.header("x-forwarded-host") : undefined;
      kept.push("x-forwarded-proto", protocol ?? (secure === true ? "https" : "http"));
      kept.push("x-forwarded-host", host ?? exchange.header("host") ?? exchange.head.host);
      kept.push("x-request-id", requestId, "via", VIA);
      // RFC 9110, 10.1.4: it is about one connection; trailers are relayed if the client takes them.
      if (
        exchange.header("te") !== undefined &&
        listValues(headers, "te").some((value) => value.toLowerCase() === "trailers")
      )
        kept.push("te", "trailers");
      if (upgrade !== undefined) kept.push("connection", "Upgrade", "upgrade", upgrade);
      return kept;
    },
  };
}

const REQUEST_ID = /^[!-~]{1,128}$/;

/** Fields that are always written anew. */
const REWRITTEN = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"]);
const isRewritten = (name: string) => REWRITTEN.has(name);

function createTrust(proxies: readonly string[]): (peer: string) => boolean {
  if (proxies.length === 0) return () => false;
  const ranges = proxies.map((proxy) => {
    const range = parseAddressRange(proxy);
    if (range !== undefined) return range;
    throw new CodedError("CONFIG_INVALID", `trustedProxies: ${proxy} is neither an address nor a CIDR range`);
  });
  return (peer) => {
    const bytes = addressBytes(peer);
    return bytes !== undefined && ranges.some((range) => isInRange(bytes, range));
  };
}
