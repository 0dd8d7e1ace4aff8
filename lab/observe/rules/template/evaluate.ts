import { Mapping, Struct, typeOf, type Cell } from "./cell.ts";
import type { TemplateFunction } from "./function.ts";
import type { Command, Pipe, Term } from "./nodes.ts";
import { refuse, TemplateError } from "./template-error.ts";
import type { Variables } from "./variables.ts";

/** What the terms of a pipeline refer to. */
export interface Names {
  readonly variables: Variables;
  /** Created on demand: most templates call one function or none. */
  readonly functionNamed: (name: string) => TemplateFunction | undefined;
}

/** The value of a pipeline, whose variables are set to it. Throws TemplateError when its values do not fit. */
export function pipeline(names: Names, pipe: Pipe, dot: Cell): Cell {
  let last: readonly Cell[] = [];
  for (const one of pipe.commands) last = [command(names, one, last, dot)];
  const [value] = last;
  for (const name of pipe.variables) names.variables.set(name, value, pipe);
  return value;
}

/** `last`: the result of the command before, which is the last argument of this one. */
function command(names: Names, [first, ...rest]: Command, last: readonly Cell[], dot: Cell): Cell {
  if (first.kind === "function") return call(names, first, { given: rest, last, dot });
  if (rest.length + last.length > 0) refuse("only a function takes a value", first);
  if (first.kind === "nil") refuse("nil is no command", first);
  return valueOf(names, first, dot);
}

interface Arguments {
  readonly given: readonly Term[];
  readonly last: readonly Cell[];
  readonly dot: Cell;
}

function call(names: Names, { name, at }: Extract<Term, { kind: "function" }>, passed: Arguments): Cell {
  const made = names.functionNamed(name);
  if (!made) return refuse(`there is no function ${name}`, { at });
  const { given, last, dot } = passed;
  const count = given.length + last.length;
  const { parameters, more } = made;
  if (count < parameters.length || (more === undefined && count > parameters.length))
    refuse(`${name} takes ${parameters.length}${more ? " or more" : ""} values, not ${count}`, { at });
  const cells: Cell[] = [];
  for (let i = 0; i < count; i++) {
    const term = given[i];
    const cell = term ? valueOf(names, term, dot) : last[0];
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

function valueOf(names: Names, term: Term, dot: Cell): Cell {
  switch (term.kind) {
    case "function":
      return call(names, term, { given: [], last: [], dot });
    case "dot":
      return dot;
    case "nil":
      return undefined;
    case "constant":
      return term.value;
    case "field":
      return fieldsOf(dot, term.fields, term);
    case "variable":
      return fieldsOf(names.variables.get(term.name), term.fields, term);
    case "pipe":
      return pipeline(names, term.pipe, dot);
    case "chain":
      return fieldsOf(valueOf(names, term.of, dot), term.fields, term);
  }
}

function fieldsOf(value: Cell, fields: readonly string[], at: { readonly at: number }): Cell {
  return fields.reduce((cell, field) => {
    if (cell instanceof Mapping) return cell.entries.has(field) ? cell.entries.get(field) : cell.missing;
    if (cell instanceof Struct && cell.fields.has(field)) return cell.fields.get(field);
    return refuse(`a ${typeOf(cell)} has no ${field}`, at);
  }, value);
}
