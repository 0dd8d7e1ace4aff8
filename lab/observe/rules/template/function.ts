import type { Cell } from "./cell.ts";

/** A function that templates can call. */
export interface TemplateFunction {
  /** Go's type of each parameter; `any`: whatever comes. */
  readonly parameters: readonly string[];
  /** Type of any number of further parameters; absent: there are none. */
  readonly more?: string;
  /** True: the arguments after this one are not evaluated, as with `and` and `or`. */
  readonly stopsAt?: (cell: Cell) => boolean;
  /** Throws an Error with the reason for values that it does not take. */
  call(cells: readonly Cell[]): Cell;
}
