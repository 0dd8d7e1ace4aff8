import { isList, isTrue, Mapping, textOf, typeOf, type Cell } from "./cell.ts";
import { pipeline, type Names } from "./evaluate.ts";
import type { TemplateFunction } from "./function.ts";
import type { Branch, Definitions, Node, Pipe } from "./nodes.ts";
import { refuse, TemplateError } from "./template-error.ts";
import { createVariables } from "./variables.ts";

export interface Execution {
  readonly definitions: Definitions;
  /** Created on demand: most templates call one function or none. */
  readonly functionNamed: (name: string) => TemplateFunction | undefined;
}

/** Limit of nested templates. */
const MAX_DEPTH = 100;
/** Limit of an expanded text, so that no template holds up an evaluation. */
const MAX_LENGTH = 1_000_000;

/** A template under way: what it has written, and how deep it is in other templates. */
interface Run extends Names {
  readonly definitions: Definitions;
  written: string;
  depth: number;
}

/** How nodes ended: at their last, or at a word that ends a loop's pass. */
type Ending = "next" | "break" | "continue";

/** Executes a template. Throws TemplateError when its values do not fit. */
export function execute(
  body: readonly Node[],
  { data, variables }: { readonly data: Cell; readonly variables: ReadonlyMap<string, Cell> },
  execution: Execution,
): string {
  const run: Run = { ...execution, variables: createVariables(variables), written: "", depth: 0 };
  walk(run, body, data);
  return run.written;
}

function walk(run: Run, nodes: readonly Node[], dot: Cell): Ending {
  for (const node of nodes)
    switch (node.kind) {
      case "text":
        write(run, node.text);
        break;
      case "action": {
        const value = pipeline(run, node.pipe, dot);
        if (node.pipe.variables.length === 0) write(run, printed(value, node.pipe));
        break;
      }
      case "template":
        fillIn(run, node, dot);
        break;
      case "break":
      case "continue":
        return node.kind;
      default: {
        const ending = run.variables.inScope(() =>
          node.kind === "range" ? loop(run, node, dot) : choice(run, node, dot),
        );
        if (ending !== "next") return ending;
      }
    }
  return "next";
}

function write(run: Run, text: string): void {
  run.written += text;
  if (run.written.length > MAX_LENGTH)
    throw new TemplateError(`it is longer than ${MAX_LENGTH} characters`, 0);
}

function printed(value: Cell, at: { readonly at: number }): string {
  if (value === undefined) return "<no value>";
  return textOf(value) ?? refuse(`a ${typeOf(value)} cannot be printed`, at);
}

function choice(run: Run, { kind, pipe, body, otherwise }: Branch, dot: Cell): Ending {
  const value = pipeline(run, pipe, dot);
  return isTrue(value) ? walk(run, body, kind === "with" ? value : dot) : walk(run, otherwise, dot);
}

function loop(run: Run, { pipe, body, otherwise }: Branch, dot: Cell): Ending {
  const value = pipeline(run, { ...pipe, variables: [] }, dot);
  const entries = entriesOf(value, pipe);
  if (entries.length === 0) return walk(run, otherwise, dot);
  const [first, second] = pipe.variables;
  const [forIndex, forElement] = second === undefined ? [undefined, first] : [first, second];
  for (const [index, element] of entries) {
    const ending = run.variables.inScope(() => {
      if (forIndex !== undefined) run.variables.set(forIndex, index, pipe);
      if (forElement !== undefined) run.variables.set(forElement, element, pipe);
      return walk(run, body, element);
    });
    if (ending === "break") break;
  }
  return "next";
}

function entriesOf(value: Cell, pipe: Pipe): readonly (readonly [Cell, Cell])[] {
  if (value === undefined) return [];
  if (isList(value)) return value.map((element, i) => [BigInt(i), element] as const);
  if (value instanceof Mapping) return value.sorted;
  return refuse(`range cannot go through a ${typeOf(value)}`, pipe);
}

function fillIn(run: Run, { name, pipe, at }: Extract<Node, { kind: "template" }>, dot: Cell): void {
  const nodes = run.definitions.get(name) ?? refuse(`there is no template ${name}`, { at });
  if (++run.depth > MAX_DEPTH) refuse(`templates fill one another in ${MAX_DEPTH} times`, { at });
  const value = pipe && pipeline(run, pipe, dot);
  run.variables.apart(value, () => void walk(run, nodes, value));
  run.depth -= 1;
}
