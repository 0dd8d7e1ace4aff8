import { headerValue, type HeaderList, type RequestHead } from "../exchange.ts";
import { isFieldText, isToken } from "./field-syntax.ts";
import { authorityOf, type Target } from "../address.ts";

const NO_TARGET = /[^\x21-\x7e\x80-\xff]/;

/** Methods whose requests may be expected to have a body: without one they carry a length of 0 (RFC 9110, 8.6). */
const METHODS_WITH_BODY = /^(?:POST|PUT|PATCH)$/;

/**
 * A request's head as it goes on the wire, in latin1: the fields as given, with what belongs to the connection.
 * Undefined if something in it would be read as something else.
 */
export function requestText(head: RequestHead, headers: HeaderList, target: Target): string | undefined {
  const { method, target: path, hasBody } = head;
  if (!isToken(method) || path === "" || NO_TARGET.test(path)) return undefined;
  let text = `${method} ${path} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    if (!isToken(name) || !isFieldText(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  // HTTP/1.0 knows requests without one.
  if (headerValue(headers, "host") === undefined) text += `Host: ${authorityOf(target)}\r\n`;
  if (headerValue(headers, "content-length") === undefined) {
    if (hasBody) text += "Transfer-Encoding: chunked\r\n";
    else if (METHODS_WITH_BODY.test(method)) text += "Content-Length: 0\r\n";
  }
  return `${text}Connection: keep-alive\r\n\r\n`;
}
