/** A header or trailer section: pairs of lower-case name and value, in their order. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** The result of reading a message from the front of what was received: latin1 text, a byte a character. */
export type Reading<T> =
  | { readonly kind: "whole"; readonly message: T; readonly rest: string }
  | { readonly kind: "more" }
  | { readonly kind: "wrong"; readonly why: string };

/** Letters that RFC 9110, 5.6.2, allows in a token. */
export const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";

const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*(.*?)[ \\t]*$`);
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export const wrong = (why: string): { readonly kind: "wrong"; readonly why: string } => ({
  kind: "wrong",
  why,
});

export function valuesOf(fields: Fields, name: string): string[] {
  return fields.filter(([field]) => field === name).map(([, value]) => value);
}

/** Reads lines up to an empty one: a start line, if there has to be one, and fields. Every line ends in CRLF. */
export function readSection(
  text: string,
  withStartLine: boolean,
): Reading<{ readonly startLine: string; readonly fields: Fields }> {
  const lines: string[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf("\n", at);
    if (end === -1) return { kind: "more" };
    if (text[end - 1] !== "\r" || end === at) return wrong(`a bare LF behind ${shown(text.slice(at, end))}`);
    const line = text.slice(at, end - 1);
    at = end + 1;
    if (line === "") break;
    lines.push(line);
  }
  const startLine = withStartLine ? lines.shift() : "";
  if (startLine === undefined) return wrong("an empty line where a message begins");
  const fields: [string, string][] = [];
  for (const line of lines) {
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (name === undefined || !VALUE.test(value)) return wrong(`no field: ${shown(line)}`);
    fields.push([name.toLowerCase(), value]);
  }
  return { kind: "whole", message: { startLine, fields }, rest: text.slice(at) };
}

/** How a body is delimited (RFC 9112, 6.3), or why it is ambiguous. */
export type Framing =
  | { readonly by: "length"; readonly length: number }
  | { readonly by: "chunks" }
  | { readonly by: "nothing" };

export function framingOf(fields: Fields): Framing | { readonly by: "wrong"; readonly why: string } {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length + codings.length > 1) return { by: "wrong", why: "framed more than once" };
  const [coding] = codings;
  const [length] = lengths;
  if (coding !== undefined)
    return coding.toLowerCase() === "chunked"
      ? { by: "chunks" }
      : { by: "wrong", why: `coded ${shown(coding)}` };
  if (length === undefined) return { by: "nothing" };
  return /^\d{1,19}$/.test(length)
    ? { by: "length", length: Number(length) }
    : { by: "wrong", why: `a length of ${shown(length)}` };
}

/** Reads a body of this framing, with its trailers; one that nothing delimits is empty. */
export function readBody(
  text: string,
  framing: Framing,
): Reading<{ readonly body: string; readonly trailers: Fields }> {
  if (framing.by === "nothing") return { kind: "whole", message: { body: "", trailers: [] }, rest: text };
  if (framing.by === "length") {
    if (text.length < framing.length) return { kind: "more" };
    const body = text.slice(0, framing.length);
    return { kind: "whole", message: { body, trailers: [] }, rest: text.slice(framing.length) };
  }
  let body = "";
  for (let at = 0; ;) {
    const end = text.indexOf("\r\n", at);
    if (end === -1) return text.length - at > 20 ? wrong("a chunk size without end") : { kind: "more" };
    const size = text.slice(at, end);
    if (!/^[0-9a-f]{1,8}$/i.test(size)) return wrong(`a chunk size of ${shown(size)}`);
    const length = Number.parseInt(size, 16);
    at = end + 2;
    if (length === 0) {
      const section = readSection(text.slice(at), false);
      if (section.kind !== "whole") return section;
      return { kind: "whole", message: { body, trailers: section.message.fields }, rest: section.rest };
    }
    if (text.length < at + length + 2) return { kind: "more" };
    body += text.slice(at, at + length);
    at += length + 2;
    if (text.slice(at - 2, at) !== "\r\n") return wrong("a chunk that is longer than its size");
  }
}

/** Short and printable, for a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
