/** Where something listens, taken apart: an address to connect to or to bind. */
export interface Target {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Splits HOST:PORT; an IPv6 address is given in brackets. */
export function parseAddress(address: string): Target {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon);
  return {
    host: host.startsWith("[") ? host.slice(1, -1) : host,
    port: Number(address.slice(colon + 1)),
  };
}

/** HOST:PORT as a URL or a Host field has it, IPv6 in brackets. */
export const authorityOf = ({ host, port }: Target): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** True when two binds cannot be had at once: a wildcard takes its port on every address, port 0 is always free. */
export function bindsCollide(one: string, other: string): boolean {
  const [a, b] = [canonical(one), canonical(other)];
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || WILDCARDS.has(a.host) || WILDCARDS.has(b.host);
}

/** True when a connection to `address` arrives at what is bound to `bind` on the same machine. */
export function reaches(address: string, bind: string): boolean {
  const [to, at] = [canonical(address), canonical(bind)];
  if (to.port !== at.port) return false;
  return to.host === at.host || (WILDCARDS.has(at.host) && LOOPBACK.test(to.host));
}

/** True when only this machine can connect to what is bound to `bind`. */
export const isLoopback = (bind: string): boolean => LOOPBACK.test(canonical(bind).host);

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
const LOOPBACK = /^(127\.|::1$)/;

function canonical(address: string): Target {
  const { host, port } = parseAddress(address.toLowerCase());
  return { host: host === "localhost" ? "127.0.0.1" : host, port };
}
