import { METHODS, type IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { HeaderList, RequestHead } from "./exchange.ts";

/** Why a request is not passed on, although node's parser let it through. `detail` is for the log. */
interface Refusal {
  readonly status: 400 | 405 | 417 | 501 | 505;
  readonly detail: string;
}

type HeadReading = { readonly head: RequestHead } | { readonly head: undefined; readonly refusal: Refusal };

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;
/** RFC 3986, 3.2.2 and 3.2.3, without the comma, which in a Host would be a list. */
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9\-._~%!$&'()*+;=]*))(?::(\d{0,5}))?$/i;

/** node's parser knows RTSP's methods, too, and takes them for HTTP's. */
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/**
 * Turns a parsed request into what the core works on, or says why it is refused: whatever two parsers could read in
 * two ways (RFC 9112, sections 3.2, 6 and 11.2) must not reach an upstream.
 */
export function readRequestHead(
  request: IncomingMessage,
  { upgrade, secure }: { readonly upgrade: boolean; readonly secure: boolean },
): HeadReading {
  const { method = "GET", httpVersion } = request;
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return refuse(505, `HTTP/${httpVersion}`);
  if (method === "CONNECT" || method === "TRACE") return refuse(405, method);
  if (!KNOWN_METHODS.has(method)) return refuse(501, method);

  const fields = readFields(request.rawHeaders);
  if (fields.hosts > 1) return refuse(400, "more than one Host");
  if (fields.hosts === 0 && httpVersion === "1.1") return refuse(400, "no Host");
  if (fields.coding !== undefined) {
    if (fields.length !== undefined) return refuse(400, "both Content-Length and Transfer-Encoding");
    if (httpVersion === "1.0") return refuse(400, "Transfer-Encoding in HTTP/1.0");
    if (/^\s*(,|$)/.test(fields.coding)) return refuse(400, "a Transfer-Encoding without a coding");
    if (fields.coding.toLowerCase() !== "chunked") return refuse(501, `Transfer-Encoding: ${fields.coding}`);
  }
  // node hears a 100-continue beside others; whoever also expects something else would not get it.
  if (fields.expect !== undefined && httpVersion === "1.1" && fields.expect.toLowerCase() !== "100-continue")
    return refuse(417, `Expect: ${fields.expect}`);
  const hasBody = fields.coding !== undefined || Number(fields.length ?? 0) > 0;
  if (upgrade && (hasBody || httpVersion === "1.0" || fields.upgrade === undefined))
    return refuse(400, hasBody ? "an upgrade with a body" : "an upgrade that names no protocol");

  let target = request.url ?? "";
  let { headers, host } = fields;
  if (!target.startsWith("/")) {
    const [, authority, rest] = ABSOLUTE_FORM.exec(target) ?? [];
    if (!authority || rest === undefined) return refuse(400, "a target that is no path");
    target = rest.startsWith("/") ? rest : `/${rest}`;
    // RFC 9112, 3.2.2: the target's authority replaces whatever Host says.
    headers = withHost(headers, authority);
    host = authority;
  }
  if (target.includes("#")) return refuse(400, "a target with a fragment");
  const name = hostName(host);
  if (name === undefined) return refuse(400, "a Host that is none");
  const head: RequestHead = {
    method,
    target,
    host: name,
    headers,
    peer: peerOf(request),
    peerPort: request.socket.remotePort ?? 0,
    hasBody,
    secure,
  };
  return { head: upgrade && fields.upgrade !== undefined ? { ...head, upgrade: fields.upgrade } : head };
}

/** The client's address; an IPv4 one as such, also on a socket that speaks IPv6. */
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
  readonly upgrade: string | undefined;
  readonly expect: string | undefined;
}

function readFields(raw: readonly string[]): Fields {
  let hosts = 0;
  let host = "";
  let length: string | undefined;
  let coding: string | undefined;
  let upgrade: string | undefined;
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
    else if (lower === "upgrade") upgrade = value;
    else if (lower === "expect") expect = expect === undefined ? value : `${expect}, ${value}`;
  }
  return { headers: raw, hosts, host, length, coding, upgrade, expect };
}

function withHost(headers: HeaderList, authority: string): HeaderList {
  const others: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() !== "host") others.push(headers[i] ?? "", headers[i + 1] ?? "");
  return ["Host", authority, ...others];
}

function refuse(status: Refusal["status"], detail: string): HeadReading {
  return { head: undefined, refusal: { status, detail } };
}
