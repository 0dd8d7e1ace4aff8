import { parseString } from "../../promql/literals.ts";
import type { Branch, Definitions, Node } from "./nodes.ts";
import { pipeline, type Scope } from "./parse-pipeline.ts";
import { createTokenReader, type TokenReader } from "./token-reader.ts";

export interface ParseConfig {
  readonly hasFunction: (name: string) => boolean;
  /** Names with `$` of the predefined variables. */
  readonly variables: readonly string[];
}

export interface ParsedTemplate {
  readonly body: readonly Node[];
  readonly definitions: Definitions;
}

/** Where the parser is: the variables and the number of loops around it, and the definitions it has read. */
interface Parser extends Scope {
  readonly definitions: Map<string, readonly Node[]>;
  loops: number;
}

/** How a list of nodes ended: with the template, or with the words `end` or `else`. */
interface NodeList {
  readonly nodes: readonly Node[];
  readonly endedBy: "end of text" | "end" | "else";
}

/** Parses a template. Throws TemplateError for the first thing that Go's text/template would refuse. */
export function parseNodes(template: string, { hasFunction, variables }: ParseConfig): ParsedTemplate {
  const tokens = createTokenReader(template);
  const definitions = new Map<string, readonly Node[]>();
  const parser = { tokens, hasFunction, variables: [...variables], definitions, loops: 0 };
  const { nodes } = list(parser, false);
  return { body: nodes, definitions };
}

/** `inside`: within a branch or a definition, which an `end` must close. */
function list(parser: Parser, inside: boolean): NodeList {
  const { tokens } = parser;
  const nodes: Node[] = [];
  for (;;) {
    const token = tokens.take();
    if (token.kind === "end") {
      if (inside) tokens.refuse("{{ end }} is missing", token);
      return { nodes, endedBy: "end of text" };
    }
    if (token.kind === "text") {
      nodes.push({ kind: "text", text: token.text });
      continue;
    }
    const word = tokens.peek();
    if (word.kind === "keyword" && (word.text === "end" || word.text === "else")) {
      if (!inside) tokens.refuse(`{{ ${word.text} }} belongs to nothing`, word);
      tokens.take();
      if (word.text === "end") tokens.close("end");
      return { nodes, endedBy: word.text };
    }
    const made = word.kind === "keyword" && word.text !== "nil" ? controlled(parser, inside) : action(parser);
    if (made) nodes.push(made);
  }
}

function action(parser: Parser): Node {
  const pipe = pipeline(parser, "a command");
  parser.tokens.close("a command");
  return { kind: "action", pipe };
}

/** What a keyword begins; undefined for a definition, which prints nothing where it is. */
function controlled(parser: Parser, inside: boolean): Node | undefined {
  const { tokens } = parser;
  const word = tokens.take();
  switch (word.text) {
    case "if":
    case "with":
    case "range":
      return branch(parser, word.text);
    case "break":
    case "continue":
      if (parser.loops === 0) tokens.refuse(`{{ ${word.text} }} is outside of any range`, word);
      tokens.close(word.text);
      return { kind: word.text };
    case "template": {
      const name = constantText(tokens, "template");
      const pipe = tokens.peek().kind === "close" ? undefined : pipeline(parser, "template");
      tokens.close("template");
      return { kind: "template", name, pipe, at: word.at };
    }
    case "define":
      if (inside) tokens.refuse("{{ define }} stands within something else", word);
      definition(parser, constantText(tokens, "define"));
      return undefined;
    default: {
      // A block: a definition that is executed where it is.
      const name = constantText(tokens, "block");
      const pipe = pipeline(parser, "block");
      definition(parser, name);
      return { kind: "template", name, pipe, at: word.at };
    }
  }
}

function constantText(tokens: TokenReader, where: string): string {
  const token = tokens.take();
  const text = token.kind === "string" ? parseString(token.text) : undefined;
  return text ?? tokens.unexpected(token, where);
}

/** From the closing mark of `define` or `block` to its end; the variables around it are out of scope. */
function definition(parser: Parser, name: string): void {
  const { tokens, definitions } = parser;
  const at = tokens.peek();
  tokens.close("a definition");
  const { variables, loops } = parser;
  parser.variables = ["$"];
  parser.loops = 0;
  const { nodes, endedBy } = list(parser, true);
  if (endedBy !== "end") tokens.refuse("{{ else }} belongs to nothing", at);
  parser.variables = variables;
  parser.loops = loops;
  definitions.set(name, nodes);
}

function branch(parser: Parser, kind: Branch["kind"]): Branch {
  const outer = parser.variables.length;
  const pipe = pipeline(parser, kind, { isRange: kind === "range" });
  parser.tokens.close(kind);
  if (kind === "range") parser.loops += 1;
  const { nodes: body, endedBy } = list(parser, true);
  if (kind === "range") parser.loops -= 1;
  const otherwise = endedBy === "else" ? otherwiseOf(parser, kind) : [];
  parser.variables.length = outer;
  return { kind, pipe, body, otherwise };
}

function otherwiseOf(parser: Parser, kind: Branch["kind"]): readonly Node[] {
  const { tokens } = parser;
  const word = tokens.peek();
  if (kind === "if" && word.kind === "keyword" && word.text === "if") {
    tokens.take();
    return [branch(parser, "if")];
  }
  tokens.close("else");
  const { nodes, endedBy } = list(parser, true);
  if (endedBy === "else") tokens.refuse("there is a second {{ else }}", word);
  return nodes;
}
