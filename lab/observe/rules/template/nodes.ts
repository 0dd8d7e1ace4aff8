import type { Cell } from "./cell.ts";

/** A node of a parsed template, as in Go's text/template. `at`: characters from its text's start. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | Branch
  | { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined; readonly at: number }
  | { readonly kind: "break" | "continue" };

export interface Branch {
  readonly kind: "if" | "with" | "range";
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** `$i, $x := a | b`: commands, each of which gets the result of the one before as its last argument. */
export interface Pipe {
  readonly variables: readonly string[];
  /** True for `=`, where the variables exist already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

export type Command = readonly [Term, ...Term[]];

export type Term = { readonly at: number } & (
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "dot" }
  | { readonly kind: "nil" }
  | { readonly kind: "constant"; readonly value: Cell }
  | { readonly kind: "field"; readonly fields: readonly string[] }
  | { readonly kind: "variable"; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: "pipe"; readonly pipe: Pipe }
  | { readonly kind: "chain"; readonly of: Term; readonly fields: readonly string[] }
);

/** Templates by name, beside the one that is filled in. */
export type Definitions = ReadonlyMap<string, readonly Node[]>;
