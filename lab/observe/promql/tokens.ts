/** The kind of a token. A word may be a keyword, depending on its place. */
export type TokenKind = "word" | "number" | "duration" | "string" | "symbol" | "faulty" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it begins and ends, in characters from 0. */
  readonly from: number;
  readonly to: number;
}

const SKIPPED = /(?:[ \t\n\r]+|#[^\r\n]*)*/y;
const WORD = /[A-Za-z_:][\w:]*/y;
const DURATION = /\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdw]))*(?![\p{L}\p{Nd}_])/uy;
// Whether the lexed text is a number is decided by the parser.
const NUMBER = /(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?|\.\d)[\d_]*(?:[eE][+-]?[\d_]+)?)(?![\p{L}\p{Nd}_.])/uy;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y;
const SYMBOL = /==|!=|<=|>=|=~|!~|[-+*/%^=<>(){}[\],:@]/y;
/** A word in a selector's braces: without colons. */
const LABEL = /[A-Za-z_]\w*/y;

/**
 * The tokens of PromQL's text, by the rules of Prometheus' own lexer. The last one is the end, or a faulty token.
 */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let inBraces = false;
  let inBrackets = false;
  const piece = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const next = (): readonly [TokenKind, string] => {
    // In brackets a colon separates a range from its step.
    const word = piece(inBraces || inBrackets ? LABEL : WORD);
    if (word !== undefined)
      return [!inBraces && !inBrackets && /^(?:inf|nan)$/i.test(word) ? "number" : "word", word];
    const number = inBraces ? undefined : piece(NUMBER);
    if (number !== undefined) return ["number", number];
    const duration = inBraces ? undefined : piece(DURATION);
    if (duration !== undefined) return ["duration", duration];
    const string = piece(STRING);
    if (string !== undefined) return ["string", string];
    const symbol = piece(SYMBOL);
    return symbol === undefined
      ? ["faulty", /^\w+|^./su.exec(text.slice(at))?.[0] ?? ""]
      : ["symbol", symbol];
  };
  for (;;) {
    at += piece(SKIPPED)?.length ?? 0;
    if (at >= text.length) break;
    const [kind, found] = next();
    tokens.push({ kind, text: found, from: at, to: at + found.length });
    if (kind === "faulty") return tokens;
    at += found.length;
    if (kind !== "symbol") continue;
    if (found === "{") inBraces = true;
    else if (found === "}") inBraces = false;
    else if (found === "[") inBrackets = true;
    else if (found === "]") inBrackets = false;
  }
  tokens.push({ kind: "end", text: "", from: text.length, to: text.length });
  return tokens;
}
