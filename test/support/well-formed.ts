/** Throws where a document's tags do not nest, an attribute has no quotes or a character was not escaped. */
export function assertWellFormed(xml: string): void {
  const open: string[] = [];
  let rest = xml;
  const name = "[A-Za-z_][\\w:.-]*";
  const tag = new RegExp(
    `^<(?:(?<end>/)(?<closed>${name})\\s*|(?<opened>${name})(?:\\s+${name}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*\\s*(?<empty>/?))>`,
  );
  while (rest !== "") {
    const text = /^(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)+/.exec(rest);
    const skipped = text ?? /^(?:<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>)/.exec(rest);
    if (skipped) {
      rest = rest.slice(skipped[0].length);
      continue;
    }
    const found = tag.exec(rest);
    if (!found) throw new Error(`not well-formed at: ${rest.slice(0, 120)}`);
    const { end, closed, opened, empty } = found.groups ?? {};
    if (end !== undefined) {
      const expected = open.pop();
      if (expected !== closed) throw new Error(`</${closed}> where </${expected}> should be`);
    } else if (opened !== undefined && empty === "") open.push(opened);
    rest = rest.slice(found[0].length);
  }
  if (open.length > 0) throw new Error(`<${open.join("> <")}> is not closed`);
}
