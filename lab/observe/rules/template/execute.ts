import { isList, isTrue, Mapping, Struct, textOf, typeOf, type Cell } from "./cell.ts";
import type { TemplateFunction } from "./function.ts";
import type { Branch, Command, Definitions, Node, Pipe, Term } from "./nodes.ts";
import { TemplateError } from "./template-error.ts";

export interface Execution {
  readonly definitions: Definitions;
  /** Created on demand: most templates call one function or none. */
  readonly functionNamed: (name: string) => TemplateFunction | undefined;
}

/** Limit of nested templates. */
const MAX_DEPTH = 100;
/** Limit of an expanded text, so that no template holds up an evaluation. */
const MAX_LENGTH = 1_000_000;

/** Executes a template. Throws TemplateError when its values do not fit. */
export function execute(
  body: readonly Node[],
  { data, variables }: { readonly data: Cell; readonly variables: ReadonlyMap<string, Cell> },
  { definitions, functionNamed }: Execution,
): string {
  const scope: { readonly name: string; value: Cell }[] = Array.from(variables, ([name, value]) => ({
    name,
    value,
  }));
  let written = "";
  let depth = 0;

  const refuse = (message: string, { at }: { readonly at: number }): never => {
    throw new TemplateError(message, at);
  };

  function walk(nodes: readonly Node[], dot: Cell): "next" | "break" | "continue" {
    for (const node of nodes)
      switch (node.kind) {
        case "text":
          write(node.text);
          break;
        case "action": {
          const value = pipeline(node.pipe, dot);
          if (node.pipe.variables.length === 0) write(printed(value, node.pipe));
          break;
        }
        case "template":
          fillIn(node, dot);
          break;
        case "break":
        case "continue":
          return node.kind;
        default: {
          const mark = scope.length;
          const how = node.kind === "range" ? loop(node, dot) : choice(node, dot);
          scope.length = mark;
          if (how !== "next") return how;
        }
      }
    return "next";
  }

  function write(text: string): void {
    written += text;
    if (written.length > MAX_LENGTH) throw new TemplateError(`it is longer than ${MAX_LENGTH} characters`, 0);
  }

  function printed(value: Cell, at: { readonly at: number }): string {
    if (value === undefined) return "<no value>";
    return textOf(value) ?? refuse(`a ${typeOf(value)} cannot be printed`, at);
  }

  function choice({ kind, pipe, body: then, otherwise }: Branch, dot: Cell): "next" | "break" | "continue" {
    const value = pipeline(pipe, dot);
    return isTrue(value) ? walk(then, kind === "with" ? value : dot) : walk(otherwise, dot);
  }

  function loop({ pipe, body: each, otherwise }: Branch, dot: Cell): "next" | "break" | "continue" {
    const value = pipeline({ ...pipe, variables: [] }, dot);
    const entries = entriesOf(value, pipe);
    if (entries.length === 0) return walk(otherwise, dot);
    const [first, second] = pipe.variables;
    const [forIndex, forElement] = second === undefined ? [undefined, first] : [first, second];
    for (const [index, element] of entries) {
      const mark = scope.length;
      if (forIndex !== undefined) set(forIndex, index, pipe);
      if (forElement !== undefined) set(forElement, element, pipe);
      const how = walk(each, element);
      scope.length = mark;
      if (how === "break") break;
    }
    return "next";
  }

  function entriesOf(value: Cell, pipe: Pipe): readonly (readonly [Cell, Cell])[] {
    if (value === undefined) return [];
    if (isList(value)) return value.map((element, i) => [BigInt(i), element] as const);
    if (value instanceof Mapping) return value.sorted;
    return refuse(`range cannot go through a ${typeOf(value)}`, pipe);
  }

  function fillIn({ name, pipe, at }: Extract<Node, { kind: "template" }>, dot: Cell): void {
    const nodes = definitions.get(name) ?? refuse(`there is no template ${name}`, { at });
    if (++depth > MAX_DEPTH) refuse(`templates fill one another in ${MAX_DEPTH} times`, { at });
    const value = pipe && pipeline(pipe, dot);
    // It sees nothing of the variables around it.
    const outer = scope.splice(0, scope.length, { name: "$", value });
    walk(nodes, value);
    scope.splice(0, scope.length, ...outer);
    depth -= 1;
  }

  function set(name: string, value: Cell, { assigns, at }: Pipe): void {
    if (!assigns) {
      scope.push({ name, value });
      return;
    }
    const known =
      scope.findLast((one) => one.name === name) ?? refuse(`there is no variable ${name}`, { at });
    known.value = value;
  }

  function pipeline(pipe: Pipe, dot: Cell): Cell {
    let last: readonly Cell[] = [];
    for (const one of pipe.commands) last = [command(one, last, dot)];
    const [value] = last;
    for (const name of pipe.variables) set(name, value, pipe);
    return value;
  }

  /** `last`: the result of the command before, which is the last argument of this one. */
  function command([first, ...rest]: Command, last: readonly Cell[], dot: Cell): Cell {
    if (first.kind === "function") return call(first, rest, last, dot);
    if (rest.length + last.length > 0) refuse("only a function takes a value", first);
    if (first.kind === "nil") refuse("nil is no command", first);
    return valueOf(first, dot);
  }

  function call(
    { name, at }: Extract<Term, { kind: "function" }>,
    given: readonly Term[],
    last: readonly Cell[],
    dot: Cell,
  ): Cell {
    const made = functionNamed(name);
    if (!made) return refuse(`there is no function ${name}`, { at });
    const count = given.length + last.length;
    const { parameters, more } = made;
    if (count < parameters.length || (more === undefined && count > parameters.length))
      refuse(`${name} takes ${parameters.length}${more ? " or more" : ""} values, not ${count}`, { at });
    const cells: Cell[] = [];
    for (let i = 0; i < count; i++) {
      const term = given[i];
      const cell = term ? valueOf(term, dot) : last[0];
      const kind = parameters[i] ?? more ?? "any";
      cells.push(kind === "any" ? cell : fitting(cell, kind, { name, at: term?.at ?? at }));
      if (made.stopsAt?.(cell) === true) break;
    }
    try {
      return made.call(cells);
    } catch (error) {
      if (error instanceof TemplateError || !(error instanceof Error)) throw error;
      return refuse(`${name}: ${error.message}`, { at });
    }
  }

  function fitting(
    cell: Cell,
    kind: string,
    { name, at }: { readonly name: string; readonly at: number },
  ): Cell {
    return typeOf(cell) === kind ? cell : refuse(`${name} needs a ${kind}, not a ${typeOf(cell)}`, { at });
  }

  function valueOf(term: Term, dot: Cell): Cell {
    switch (term.kind) {
      case "function":
        return call(term, [], [], dot);
      case "dot":
        return dot;
      case "nil":
        return undefined;
      case "constant":
        return term.value;
      case "field":
        return fieldsOf(dot, term.fields, term);
      case "variable":
        return fieldsOf(scope.findLast(({ name }) => name === term.name)?.value, term.fields, term);
      case "pipe":
        return pipeline(term.pipe, dot);
      case "chain":
        return fieldsOf(valueOf(term.of, dot), term.fields, term);
    }
  }

  function fieldsOf(value: Cell, fields: readonly string[], at: { readonly at: number }): Cell {
    return fields.reduce((cell, field) => {
      if (cell instanceof Mapping) return cell.entries.has(field) ? cell.entries.get(field) : cell.missing;
      if (cell instanceof Struct && cell.fields.has(field)) return cell.fields.get(field);
      return refuse(`a ${typeOf(cell)} has no ${field}`, at);
    }, value);
  }

  walk(body, data);
  return written;
}
