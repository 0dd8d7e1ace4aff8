import type { Command, Pipe, Term } from "./nodes.ts";
import { parseConstant } from "./numbers.ts";
import type { TokenReader } from "./token-reader.ts";
import type { Token } from "./tokens.ts";

/** What a pipeline's names are held against while a template is parsed. */
export interface Scope {
  readonly tokens: TokenReader;
  readonly hasFunction: (name: string) => boolean;
  /** Names with `$` of the variables that exist here, the innermost last. A pipeline adds those it declares. */
  variables: string[];
}

/** Reads a pipeline up to its closing mark, which it leaves. `where` names what needs it. */
export function pipeline(
  scope: Scope,
  where: string,
  {
    closing = "close",
    isRange = false,
  }: { readonly closing?: "close" | ")"; readonly isRange?: boolean } = {},
): Pipe {
  const { tokens } = scope;
  const { at } = tokens.peek();
  const { names, assigns } = declared(tokens, isRange);
  const commands = [command(scope, where, false)];
  while (isSign(tokens.peek(), "|")) {
    tokens.take();
    commands.push(command(scope, where, true));
  }
  const end = tokens.peek();
  if (closing === ")" ? !isSign(end, ")") : end.kind !== "close") tokens.unexpected(end, where);
  // Whether a variable that is assigned to exists is checked at execution, as in Go.
  scope.variables.push(...names);
  return { variables: names, assigns, commands, at };
}

function isSign({ kind, text }: Token, ...texts: string[]): boolean {
  return kind === "sign" && texts.includes(text);
}

/** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
function declared(
  tokens: TokenReader,
  isRange: boolean,
): { readonly names: readonly string[]; readonly assigns: boolean } {
  const [first, sign, second, last] = [tokens.peek(), tokens.peek(1), tokens.peek(2), tokens.peek(3)];
  if (first.kind === "variable" && isSign(sign, ":=", "=")) {
    tokens.take(2);
    return { names: [first.text], assigns: sign.text === "=" };
  }
  if (isRange && first.kind === "variable" && isSign(sign, ",") && second.kind === "variable") {
    if (!isSign(last, ":=", "=")) tokens.unexpected(last, "range");
    tokens.take(4);
    return { names: [first.text, second.text], assigns: last.text === "=" };
  }
  return { names: [], assigns: false };
}

function command(scope: Scope, where: string, isLater: boolean): Command {
  const { tokens } = scope;
  const terms: Term[] = [];
  for (;;) {
    const token = tokens.peek();
    if (token.kind === "close" || token.kind === "end" || (token.kind === "sign" && token.text !== "("))
      break;
    if (terms.length > 0 && !token.spaced) tokens.unexpected(token, "an operand");
    terms.push(operand(scope));
  }
  const [first, ...rest] = terms;
  if (!first) return tokens.refuse(`there is nothing where ${where} needs a value`, tokens.peek());
  if (isLater && (first.kind === "constant" || first.kind === "dot" || first.kind === "nil"))
    tokens.refuse("behind a | stands a function", first);
  return [first, ...rest];
}

/** A term and the fields that follow it without a space. */
function operand(scope: Scope): Term {
  const { tokens } = scope;
  const of = term(scope);
  const fields: string[] = [];
  while (tokens.peek().kind === "field" && !tokens.peek().spaced) fields.push(tokens.take().text.slice(1));
  const { at } = of;
  if (fields.length === 0) return of;
  if (of.kind === "field" || of.kind === "variable") return { ...of, fields: [...of.fields, ...fields] };
  if (of.kind === "constant" || of.kind === "nil" || of.kind === "dot")
    return tokens.refuse(`.${fields[0]} is not expected here`, of);
  return { kind: "chain", of, fields, at };
}

function term(scope: Scope): Term {
  const { tokens, variables, hasFunction } = scope;
  const token = tokens.take();
  const { text, at } = token;
  switch (token.kind) {
    case "dot":
      return { kind: "dot", at };
    case "field":
      return { kind: "field", fields: [text.slice(1)], at };
    case "variable":
      if (!variables.includes(text)) tokens.refuse(`there is no variable ${text}`, token);
      return { kind: "variable", name: text, fields: [], at };
    case "name":
      if (text === "true" || text === "false") return { kind: "constant", value: text === "true", at };
      if (!hasFunction(text)) tokens.refuse(`there is no function ${text}`, token);
      return { kind: "function", name: text, at };
    case "string":
    case "number":
    case "character": {
      const value = parseConstant(token);
      if (value === undefined) return tokens.refuse(`${text} cannot be read`, token);
      return { kind: "constant", value, at };
    }
    case "keyword":
      return text === "nil" ? { kind: "nil", at } : tokens.unexpected(token, "a command");
    case "sign": {
      if (text !== "(") return tokens.unexpected(token, "a command");
      const pipe = pipeline(scope, "parentheses", { closing: ")" });
      tokens.take();
      return { kind: "pipe", pipe, at };
    }
    default:
      return tokens.unexpected(token, "a command");
  }
}
