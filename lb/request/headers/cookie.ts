/** The first cookie called `name` in a Cookie header (RFC 6265); undefined when there is none. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    while (header[start] === " " || header[start] === "\t") start += 1;
    if (header.startsWith(name, start) && header[start + name.length] === "=")
      return header.slice(start + name.length + 1, end).trim();
    start = end + 1;
  }
  return undefined;
}
