import ipaddr from "ipaddr.js";

/** A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export interface AddressRange {
  /** As 16 bytes, an IPv4 address in its mapped form (RFC 4291, 2.5.5.2). */
  readonly bytes: readonly number[];
  /** How many of their bits count. */
  readonly bits: number;
}

const IPV6_BITS = 128;
const IPV4_BITS = 32;
/** `inet_pton` accepts neither other bases nor missing parts; an IPv6 zone only ends the address. */
const IPV6_TEXT = /^[0-9a-fA-F:.]*(%[0-9a-zA-Z.:-]+)?$/;
const IPV4_TAIL = /:([^:]*\.[^:]*)$/;

/** True for four decimal parts without leading zeros. */
export const isIpv4 = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text);

/** True for an IPv6 address, with a zone or without. */
export function isIpv6(text: string): boolean {
  if (!IPV6_TEXT.test(text)) return false;
  const plain = withoutZone(text);
  const tail = IPV4_TAIL.exec(plain)?.[1];
  return (tail === undefined || isIpv4(tail)) && ipaddr.IPv6.isValid(plain);
}

/** An address as 16 bytes; undefined when it is invalid. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (isIpv4(text)) return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...ipaddr.IPv4.parse(text).toByteArray()];
  return isIpv6(text) ? ipaddr.IPv6.parse(inHex(withoutZone(text))).toByteArray() : undefined;
}

/** Parses a range; undefined when it is invalid. An address without a length is a range of one. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const bytes = rest.length === 0 ? addressBytes(address) : undefined;
  if (bytes === undefined) return undefined;
  const all = address.includes(":") ? IPV6_BITS : IPV4_BITS;
  const bits = length === undefined ? all : /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  return bits > all ? undefined : { bytes, bits: bits + IPV6_BITS - all };
}

/** True when the address lies in the range; IPv4 addresses and their mapped form are the same. */
export function isInRange(bytes: readonly number[], { bytes: first, bits }: AddressRange): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== first[i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const shift = 8 - rest;
  return (bytes[whole] ?? 0) >> shift === (first[whole] ?? 0) >> shift;
}

/** The library takes `::1.2.3.4`, which is another address, for `::ffff:1.2.3.4`. */
function inHex(text: string): string {
  return text.replace(IPV4_TAIL, (_, tail: string) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).toByteArray();
    return `:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}

function withoutZone(text: string): string {
  const at = text.indexOf("%");
  return at === -1 ? text : text.slice(0, at);
}
