import {
  framingOf,
  readBody,
  readSection,
  shown,
  TOKEN,
  valuesOf,
  wrong,
  type Fields,
  type Reading,
} from "./message.ts";

/** A request as an upstream got it. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly body: string;
  readonly trailers: Fields;
}

const REQUEST_LINE = new RegExp(`^(${TOKEN}) (/[\\x21-\\x7e]*) HTTP/1\\.1$`);

/** Fields of a connection (RFC 9110, 7.6.1), and their values that our own connection may have. */
const OF_THE_HOP: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    connection: /^(keep-alive|close|upgrade)$/i,
    te: /^trailers$/i,
    upgrade: /^[^,]+(, ?[^,]+)*$/,
    "keep-alive": /(?!)/,
    "proxy-connection": /(?!)/,
    expect: /(?!)/,
    trailer: /(?!)/,
  }),
);

/**
 * Reads one request as strictly as an upstream could, so that whatever any of them might read otherwise is wrong: line
 * ends, names, one Host, an origin-form target, one framing, nothing of another connection.
 */
export function readRequest(text: string): Reading<SeenRequest> {
  const head = readSection(text, true);
  if (head.kind !== "whole") return head;
  const { startLine, fields } = head.message;
  const [, method, target] = REQUEST_LINE.exec(startLine) ?? [];
  if (method === undefined || target === undefined || target.includes("#"))
    return wrong(`no request line: ${shown(startLine)}`);
  if (valuesOf(fields, "host").length !== 1) return wrong("not one Host");
  for (const [name, value] of fields)
    if (OF_THE_HOP.get(name)?.test(value) === false)
      return wrong(`of another connection: ${name}: ${shown(value)}`);
  const framing = framingOf(fields);
  if (framing.by === "wrong") return wrong(framing.why);
  const body = readBody(head.rest, framing);
  if (body.kind !== "whole") return body;
  return { kind: "whole", message: { method, target, fields, ...body.message }, rest: body.rest };
}
