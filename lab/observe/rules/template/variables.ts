import type { Cell } from "./cell.ts";
import type { Pipe } from "./nodes.ts";
import { refuse } from "./template-error.ts";

interface Variable {
  readonly name: string;
  value: Cell;
}

/** The variables of a template while it is executed, the innermost last; names are with `$`. */
export interface Variables {
  readonly get: (name: string) => Cell;
  /** Declares a variable, or assigns to the innermost of that name when the pipe does. Throws TemplateError when there is none. */
  readonly set: (name: string, value: Cell, pipe: Pick<Pipe, "assigns" | "at">) => void;
  /** Runs a part of a template; what it declares is gone after it. */
  readonly inScope: <T>(run: () => T) => T;
  /** Runs a template that sees nothing of the variables around it, only `$`. */
  readonly apart: (value: Cell, run: () => void) => void;
}

/** The predefined variables, in their order, and room for those of the template. */
export function createVariables(predefined: ReadonlyMap<string, Cell>): Variables {
  let scope: Variable[] = Array.from(predefined, ([name, value]) => ({ name, value }));
  const innermost = (name: string): Variable | undefined => scope.findLast((one) => one.name === name);

  return {
    get: (name) => innermost(name)?.value,
    set(name, value, { assigns, at }) {
      if (!assigns) scope.push({ name, value });
      else (innermost(name) ?? refuse(`there is no variable ${name}`, { at })).value = value;
    },
    inScope(run) {
      const mark = scope.length;
      const result = run();
      scope.length = mark;
      return result;
    },
    apart(value, run) {
      const outer = scope;
      scope = [{ name: "$", value }];
      run();
      scope = outer;
    },
  };
}
