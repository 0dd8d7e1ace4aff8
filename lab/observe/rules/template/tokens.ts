import { TemplateError } from "./template-error.ts";

/** A token of Go's text/template: https://pkg.go.dev/text/template */
export interface Token {
  readonly kind:
    | "text"
    | "open"
    | "close"
    | "keyword"
    | "name"
    | "field"
    | "variable"
    | "dot"
    | "number"
    | "character"
    | "string"
    | "sign"
    | "end";
  readonly text: string;
  /** Characters from the template's start. */
  readonly at: number;
  /** White space comes before it: tokens without any between them are one operand. */
  readonly spaced: boolean;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "block break continue define else end if nil range template with".split(" "),
);

const NUMBER = String.raw`[+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)`;
/** In the order in which they are tried. */
const WORDS: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["character", /'(?:[^'\\\n]|\\.)[^'\n]*'/y],
  ["number", new RegExp(NUMBER, "y")],
  ["field", /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["variable", /\$[\p{L}\p{Nd}_]*/uy],
  ["dot", /\./y],
  ["name", /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["sign", /:=|[=|(),]/y],
];
/** What may directly follow a name, a field, a variable or a number. */
const TERMINATED = /[\s.,|:=()]|-?\}\}|$/y;
const COMMENT = /\/\*[\s\S]*?\*\/(?=\s-\}\}|\}\})/y;

/** Splits a template into tokens. Throws TemplateError for anything else. */
export function tokensOf(template: string): readonly Token[] {
  const tokens: Token[] = [];
  const add = (kind: Token["kind"], text: string, at: number, spaced = false): void =>
    void tokens.push({ kind, text, at, spaced });
  let from = 0;
  let trims = false;
  for (;;) {
    const open = template.indexOf("{{", from);
    const trimsBefore = open >= 0 && /^-\s/.test(template.slice(open + 2, open + 4));
    let literal = template.slice(from, open < 0 ? undefined : open);
    if (trims) literal = literal.trimStart();
    if (trimsBefore) literal = literal.trimEnd();
    if (literal !== "") add("text", literal, from);
    if (open < 0) break;
    const begin = open + (trimsBefore ? 3 : 2);
    const close = readAction(template, open, begin, add);
    trims = template[close] === "-";
    from = close + (trims ? 3 : 2);
  }
  add("end", "", template.length);
  return tokens;
}

type Add = (kind: Token["kind"], text: string, at: number, spaced?: boolean) => void;

/** Reads the tokens between `{{` and `}}`, and returns where the closing mark begins. */
function readAction(template: string, open: number, begin: number, add: Add): number {
  const comment = begin + (/^\s+/.exec(template.slice(begin))?.[0].length ?? 0);
  if (template.startsWith("/*", comment)) {
    COMMENT.lastIndex = comment;
    const found = COMMENT.exec(template);
    if (!found) throw new TemplateError("a comment ends with */}}", comment);
    return closingAt(template, COMMENT.lastIndex) ?? COMMENT.lastIndex;
  }
  add("open", "{{", open);
  for (let at = begin; ;) {
    const space = /^\s*/.exec(template.slice(at))?.[0].length ?? 0;
    const closing = closingAt(template, at);
    if (closing !== undefined) {
      add("close", "}}", closing);
      return closing;
    }
    at += space;
    if (at >= template.length) throw new TemplateError("{{ is never closed", open);
    const [kind, text] = wordAt(template, at);
    add(kind, text, at, space > 0);
    at += text.length;
  }
}

/** Where `}}`, or the `-` of ` -}}`, begins when nothing but space comes before it. */
function closingAt(template: string, at: number): number | undefined {
  const [found, space = ""] = /^(\s*)\}\}/.exec(template.slice(at)) ?? [];
  if (found !== undefined) return at + space.length;
  const [trimming, before = ""] = /^(\s+)-\}\}/.exec(template.slice(at)) ?? [];
  return trimming === undefined ? undefined : at + before.length;
}

function wordAt(template: string, at: number): readonly [Token["kind"], string] {
  for (const [kind, pattern] of WORDS) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(template) ?? [];
    if (text === undefined) continue;
    const isOpen = kind === "name" || kind === "field" || kind === "variable" || kind === "number";
    TERMINATED.lastIndex = at + text.length;
    if (isOpen && !TERMINATED.test(template))
      throw new TemplateError(`cannot read ${template.slice(at, at + text.length + 1)}`, at);
    return [kind === "name" && KEYWORDS.has(text) ? "keyword" : kind, text];
  }
  const rest = template.slice(at, at + 20);
  if (/^["'`]/.test(rest)) throw new TemplateError("a text is never closed", at);
  throw new TemplateError(`cannot read ${rest.trim()}`, at);
}
