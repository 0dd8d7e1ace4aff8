import { QueryError } from "./query.ts";
import { tokensOf, type Token } from "./tokens.ts";
import { UnsupportedError } from "./unsupported.ts";

/** Reads an expression's tokens; an unexpected one becomes an error with its place. */
export interface TokenReader {
  peek(ahead?: number): Token;
  next(): Token;
  /** Takes the next token when it is this symbol. */
  accept(symbol: string): Token | undefined;
  /** Takes the next token when it is this word, in upper or lower case. */
  acceptWord(word: string): Token | undefined;
  expect(symbol: string): Token;
  /** Reads one level deeper; too deep a nesting is an error. */
  deeper<T>(read: () => T): T;
  /** Counts an operator, whose left side is a level deeper for it; too many are an error. */
  link(): void;
  fault(at: number, message: string): QueryError;
  unsupported(at: number, message: string): QueryError;
  /** The error for the next token. */
  unexpected(): QueryError;
}

export function positionIn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Deeper ones would exhaust the stack. */
const MAX_DEPTH = 200;
const MAX_LINKS = 1000;

export function createTokenReader(text: string): TokenReader {
  const tokens = tokensOf(text);
  const last: Token = tokens.at(-1) ?? { kind: "end", text: "", from: 0, to: 0 };
  let index = 0;
  let depth = 0;
  let links = 0;
  const fault = (at: number, message: string): QueryError => new QueryError(message, positionIn(text, at));
  const reader: TokenReader = {
    peek: (ahead = 0) => tokens[index + ahead] ?? last,
    next() {
      const token = reader.peek();
      index += 1;
      return token;
    },
    accept: (symbol) => (isSymbol(reader.peek(), symbol) ? reader.next() : undefined),
    acceptWord(word) {
      const { kind, text: given } = reader.peek();
      return kind === "word" && given.toLowerCase() === word ? reader.next() : undefined;
    },
    expect(symbol) {
      const found = reader.accept(symbol);
      if (!found) throw reader.unexpected();
      return found;
    },
    deeper(read) {
      if (++depth > MAX_DEPTH) throw fault(reader.peek().from, "the expression is nested too deeply");
      const made = read();
      depth -= 1;
      return made;
    },
    link() {
      if (++links > MAX_LINKS) throw fault(reader.peek().from, "the expression has too many operators");
    },
    fault,
    unsupported: (at, message) => new UnsupportedError(message, positionIn(text, at)),
    unexpected() {
      const token = reader.peek();
      return token.kind === "end"
        ? fault(token.from, "the expression is not complete")
        : fault(token.from, `unexpected ${JSON.stringify(token.text)}`);
    },
  };
  return reader;
}

const isSymbol = ({ kind, text }: Token, symbol: string): boolean => kind === "symbol" && text === symbol;
