import { METHODS, type IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { HeaderList, RequestHead } from "../../exchange.ts";
import type { RefusalReason } from "../../reasons.ts";

/** Why a request is not passed on, although node's parser let it through. `detail` is for the log. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly detail?: string;
}

type HeadReading = { readonly head: RequestHead } | { readonly head: undefined; readonly refusal: Refusal };

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;
/** RFC 3986, 3.2.2 and 3.2.3, without the comma, which in a Host would be a list. */
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9\-._~%!$&'()*+;=]*))(?::(\d{0,5}))?$/i;

/** node's parser knows RTSP's methods, too, and takes them for HTTP's. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/**
 * Turns a parsed request into what the core works on, or gives the reason of its refusal: what two parsers could read in
 * two ways (RFC 9112, sections 3.2, 6 and 11.2) must not reach an upstream.
 */
export function readRequestHead(
  request: IncomingMessage,
  /** `upgrade`: the protocols that it may be switched to; undefined: it stays HTTP. */
  { upgrade, secure }: { readonly upgrade: string | undefined; readonly secure: boolean },
): HeadReading {
  const { method = "GET", httpVersion } = request;
  const protocol = PROTOCOLS[httpVersion];
  if (protocol === undefined) return refuse("version-unsupported", `HTTP/${httpVersion}`);
  if (method === "CONNECT" || method === "TRACE") return refuse("method-not-allowed", method);
  if (!KNOWN_METHODS.has(method)) return refuse("method-unknown", method);

  const fields = readFields(request.rawHeaders);
  const fault = faultOf(fields, httpVersion);
  if (fault) return { head: undefined, refusal: fault };

  let target = request.url ?? "";
  let { headers, host } = fields;
  if (!target.startsWith("/") && !(target === "*" && method === "OPTIONS")) {
    const [, authority, rest] = ABSOLUTE_FORM.exec(target) ?? [];
    if (!authority || rest === undefined) return refuse("target-malformed", target);
    // RFC 9112, 3.2.4: of the server as a whole, where an absolute target has no path.
    target = rest === "" && method === "OPTIONS" ? "*" : rest.startsWith("/") ? rest : `/${rest}`;
    // RFC 9112, 3.2.2: the target's authority replaces Host.
    headers = withHost(headers, authority);
    host = authority;
  }
  if (target.includes("#")) return refuse("target-fragment", target);
  const name = hostName(host);
  if (name === undefined) return refuse("host-malformed", host);
  const head: RequestHead = {
    method,
    target,
    protocol,
    host: name,
    headers,
    peer: peerOf(request),
    peerPort: request.socket.remotePort ?? 0,
    hasBody: fields.coding !== undefined || Number(fields.length ?? 0) > 0,
    secure,
  };
  return { head: upgrade === undefined ? head : { ...head, upgrade } };
}

/** What two parsers could read in two ways, or what cannot be done. */
function faultOf({ hosts, coding, length, expect }: Fields, httpVersion: string): Refusal | undefined {
  if (hosts > 1) return { reason: "host-repeated" };
  if (hosts === 0 && httpVersion === "1.1") return { reason: "host-missing" };
  if (coding !== undefined) {
    if (length !== undefined) return { reason: "length-and-coding" };
    if (httpVersion === "1.0") return { reason: "coding-in-old-version" };
    if (/^\s*(,|$)/.test(coding)) return { reason: "coding-malformed", detail: coding };
    if (coding.toLowerCase() !== "chunked") return { reason: "coding-unknown", detail: coding };
  }
  // node accepts a 100-continue beside others; a client that also expects something else would not get it.
  if (expect !== undefined && httpVersion === "1.1" && expect.toLowerCase() !== "100-continue")
    return { reason: "expectation-unknown", detail: expect };
  return undefined;
}

/** The supported versions, by node's name for each. */
const PROTOCOLS: Readonly<Record<string, string>> = { "1.1": "HTTP/1.1", "1.0": "HTTP/1.0" };

/** The client's address; an IPv4 one as such, also on a socket of IPv6. */
export function peerOf(request: Pick<IncomingMessage, "socket">): string {
  return (request.socket.remoteAddress ?? "-").replace(/^::ffff:/, "");
}

/** The host of an authority, lower case and without its port; undefined if it is none. */
function hostName(authority: string): string | undefined {
  const [whole, address, name = "", port = ""] = AUTHORITY.exec(authority) ?? [];
  if (whole === undefined || Number(port) > 65_535) return undefined;
  if (address === undefined) return name.toLowerCase();
  return isIPv6(address) ? `[${address.toLowerCase()}]` : undefined;
}

interface Fields {
  readonly headers: HeaderList;
  readonly hosts: number;
  readonly host: string;
  readonly length: string | undefined;
  readonly coding: string | undefined;
  readonly expect: string | undefined;
}

function readFields(raw: readonly string[]): Fields {
  let hosts = 0;
  let host = "";
  let length: string | undefined;
  let coding: string | undefined;
  let expect: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const value = raw[i + 1] ?? "";
    const lower = name.toLowerCase();
    if (lower === "host") {
      hosts += 1;
      host = value;
    } else if (lower === "content-length") length = value;
    else if (lower === "transfer-encoding") coding = coding === undefined ? value : `${coding}, ${value}`;
    else if (lower === "expect") expect = expect === undefined ? value : `${expect}, ${value}`;
  }
  return { headers: raw, hosts, host, length, coding, expect };
}

function withHost(headers: HeaderList, authority: string): HeaderList {
  const others: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() !== "host") others.push(headers[i] ?? "", headers[i + 1] ?? "");
  return ["Host", authority, ...others];
}

function refuse(reason: RefusalReason, detail: string): HeadReading {
  return { head: undefined, refusal: { reason, detail } };
}
