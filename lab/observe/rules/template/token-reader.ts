import { refuse } from "./template-error.ts";
import { tokensOf, type Token } from "./tokens.ts";

/** Walks a template's tokens. What it refuses is a TemplateError at a token's place. */
export interface TokenReader {
  /** The token that is taken next, or one further on; the end of the text has no end. */
  readonly peek: (ahead?: number) => Token;
  readonly take: (count?: number) => Token;
  /** Takes the closing mark of an action. `where` names what it closes. */
  readonly close: (where: string) => void;
  readonly refuse: typeof refuse;
  readonly unexpected: (token: Token, where: string) => never;
}

/** Splits a template into tokens and reads them from the first. Throws TemplateError when it cannot be split. */
export function createTokenReader(template: string): TokenReader {
  const tokens = tokensOf(template);
  let next = 0;

  const unexpected = (token: Token, where: string): never =>
    refuse(
      token.kind === "end" || token.kind === "close"
        ? `something is missing in ${where}`
        : `${JSON.stringify(token.text)} is not expected in ${where}`,
      token,
    );
  const peek = (ahead = 0): Token => tokens[next + ahead] ?? END;
  function take(count = 1): Token {
    const taken = peek();
    next += count;
    return taken;
  }

  return {
    peek,
    take,
    close(where) {
      const token = take();
      if (token.kind !== "close") unexpected(token, where);
    },
    refuse,
    unexpected,
  };
}

const END: Token = { kind: "end", text: "", at: 0, spaced: false };
