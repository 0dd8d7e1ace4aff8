import { parseString } from "../../promql/literals.ts";
import type { Branch, Command, Definitions, Node, Pipe, Term } from "./nodes.ts";
import { parseConstant } from "./numbers.ts";
import { TemplateError } from "./template-error.ts";
import { tokensOf, type Token } from "./tokens.ts";

export interface ParseConfig {
  readonly hasFunction: (name: string) => boolean;
  /** Names with `$` of the predefined variables. */
  readonly variables: readonly string[];
}

export interface ParsedTemplate {
  readonly body: readonly Node[];
  readonly definitions: Definitions;
}

/** How a list of nodes ended: with the template, or with the words `end` or `else`. */
interface NodeList {
  readonly nodes: readonly Node[];
  readonly endedBy: "end of text" | "end" | "else";
}

/** Parses a template. Throws TemplateError for the first thing that Go's text/template would refuse. */
export function parseNodes(template: string, { hasFunction, variables: given }: ParseConfig): ParsedTemplate {
  const tokens = tokensOf(template);
  const definitions = new Map<string, readonly Node[]>();
  let next = 0;
  let variables: string[] = [...given];
  let loops = 0;

  const peek = (): Token => tokens[next] ?? END;
  const take = (): Token => tokens[next++] ?? END;
  const refuse = (message: string, { at }: { readonly at: number }): never => {
    throw new TemplateError(message, at);
  };
  const unexpected = (token: Token, where: string): never =>
    refuse(
      token.kind === "end" || token.kind === "close"
        ? `something is missing in ${where}`
        : `${JSON.stringify(token.text)} is not expected in ${where}`,
      token,
    );
  function closed(where: string): void {
    const token = take();
    if (token.kind !== "close") unexpected(token, where);
  }

  function list(inside: boolean): NodeList {
    const nodes: Node[] = [];
    for (;;) {
      const token = take();
      if (token.kind === "end") {
        if (inside) refuse("{{ end }} is missing", token);
        return { nodes, endedBy: "end of text" };
      }
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const word = peek();
      if (word.kind === "keyword" && (word.text === "end" || word.text === "else")) {
        if (!inside) refuse(`{{ ${word.text} }} belongs to nothing`, word);
        take();
        if (word.text === "end") closed("end");
        return { nodes, endedBy: word.text };
      }
      const made = word.kind === "keyword" && word.text !== "nil" ? controlled(inside) : action();
      if (made) nodes.push(made);
    }
  }

  function action(): Node {
    const pipe = pipeline("a command", "close");
    closed("a command");
    return { kind: "action", pipe };
  }

  function controlled(inside: boolean): Node | undefined {
    const word = take();
    switch (word.text) {
      case "if":
      case "with":
      case "range":
        return branch(word.text);
      case "break":
      case "continue":
        if (loops === 0) refuse(`{{ ${word.text} }} is outside of any range`, word);
        closed(word.text);
        return { kind: word.text };
      case "template": {
        const name = constantText("template");
        const pipe = peek().kind === "close" ? undefined : pipeline("template", "close");
        closed("template");
        return { kind: "template", name, pipe, at: word.at };
      }
      case "define":
        if (inside) refuse("{{ define }} stands within something else", word);
        define(constantText("define"));
        return undefined;
      default: {
        // A block: a definition that is executed where it is.
        const name = constantText("block");
        const pipe = pipeline("block", "close");
        definition(name);
        return { kind: "template", name, pipe, at: word.at };
      }
    }
  }

  function constantText(where: string): string {
    const token = take();
    const text = token.kind === "string" ? parseString(token.text) : undefined;
    return text ?? unexpected(token, where);
  }

  function define(name: string): void {
    definition(name);
  }

  /** From the closing mark of `define` or `block` to its end; the variables around it are out of scope. */
  function definition(name: string): void {
    const at = peek();
    closed("a definition");
    const [outerVariables, outerLoops] = [variables, loops];
    [variables, loops] = [["$"], 0];
    const { nodes, endedBy } = list(true);
    if (endedBy !== "end") refuse("{{ else }} belongs to nothing", at);
    [variables, loops] = [outerVariables, outerLoops];
    definitions.set(name, nodes);
  }

  function branch(kind: Branch["kind"]): Branch {
    const outer = variables.length;
    const pipe = pipeline(kind, "close", kind === "range");
    closed(kind);
    if (kind === "range") loops += 1;
    const { nodes: body, endedBy } = list(true);
    if (kind === "range") loops -= 1;
    const otherwise = endedBy === "else" ? otherwiseOf(kind) : [];
    variables.length = outer;
    return { kind, pipe, body, otherwise };
  }

  function otherwiseOf(kind: Branch["kind"]): readonly Node[] {
    const word = peek();
    if (kind === "if" && word.kind === "keyword" && word.text === "if") {
      take();
      return [branch("if")];
    }
    closed("else");
    const { nodes, endedBy } = list(true);
    if (endedBy === "else") refuse("there is a second {{ else }}", word);
    return nodes;
  }

  function pipeline(where: string, closing: "close" | ")", isRange = false): Pipe {
    const { at } = peek();
    const { names, assigns } = declared(isRange);
    const commands: Command[] = [];
    for (;;) {
      const made = command(where, commands.length > 0);
      commands.push(made);
      if (peek().text === "|" && peek().kind === "sign") take();
      else break;
    }
    const end = peek();
    if (closing === ")" ? end.text !== ")" || end.kind !== "sign" : end.kind !== "close")
      unexpected(end, where);
    // Whether a variable that is assigned to exists is checked at execution, as in Go.
    variables.push(...names);
    return { variables: names, assigns, commands, at };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  function declared(isRange: boolean): { readonly names: readonly string[]; readonly assigns: boolean } {
    const [first, sign, second, last] = tokens.slice(next, next + 4);
    const isSign = (token: Token | undefined, ...texts: string[]): boolean =>
      token?.kind === "sign" && texts.includes(token.text);
    if (first?.kind === "variable" && isSign(sign, ":=", "=")) {
      next += 2;
      return { names: [first.text], assigns: sign?.text === "=" };
    }
    if (isRange && first?.kind === "variable" && isSign(sign, ",") && second?.kind === "variable") {
      if (!isSign(last, ":=", "=")) unexpected(last ?? END, "range");
      next += 4;
      return { names: [first.text, second.text], assigns: last?.text === "=" };
    }
    return { names: [], assigns: false };
  }

  function command(where: string, isLater: boolean): Command {
    const terms: Term[] = [];
    for (;;) {
      const token = peek();
      if (token.kind === "close" || token.kind === "end" || (token.kind === "sign" && token.text !== "("))
        break;
      if (terms.length > 0 && !token.spaced) unexpected(token, "an operand");
      terms.push(operand());
    }
    const [first, ...rest] = terms;
    if (!first) return refuse(`there is nothing where ${where} needs a value`, peek());
    if (isLater && (first.kind === "constant" || first.kind === "dot" || first.kind === "nil"))
      refuse("behind a | stands a function", first);
    return [first, ...rest];
  }

  function operand(): Term {
    const of = term();
    const fields: string[] = [];
    while (peek().kind === "field" && !peek().spaced) fields.push(take().text.slice(1));
    const { at } = of;
    if (fields.length === 0) return of;
    if (of.kind === "field" || of.kind === "variable") return { ...of, fields: [...of.fields, ...fields] };
    if (of.kind === "constant" || of.kind === "nil" || of.kind === "dot")
      return refuse(`.${fields[0]} is not expected here`, of);
    return { kind: "chain", of, fields, at };
  }

  function term(): Term {
    const token = take();
    const { text, at } = token;
    switch (token.kind) {
      case "dot":
        return { kind: "dot", at };
      case "field":
        return { kind: "field", fields: [text.slice(1)], at };
      case "variable":
        if (!variables.includes(text)) refuse(`there is no variable ${text}`, token);
        return { kind: "variable", name: text, fields: [], at };
      case "name":
        if (text === "true" || text === "false") return { kind: "constant", value: text === "true", at };
        if (!hasFunction(text)) refuse(`there is no function ${text}`, token);
        return { kind: "function", name: text, at };
      case "string":
      case "number":
      case "character": {
        const value = parseConstant(token);
        if (value === undefined) return refuse(`${text} cannot be read`, token);
        return { kind: "constant", value, at };
      }
      case "keyword":
        return text === "nil" ? { kind: "nil", at } : unexpected(token, "a command");
      case "sign": {
        if (text !== "(") return unexpected(token, "a command");
        const pipe = pipeline("parentheses", ")");
        take();
        return { kind: "pipe", pipe, at };
      }
      default:
        return unexpected(token, "a command");
    }
  }

  const { nodes } = list(false);
  return { body: nodes, definitions };
}

const END: Token = { kind: "end", text: "", at: 0, spaced: false };
