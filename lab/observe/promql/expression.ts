import type { LabelMatcher } from "../samples.ts";

/** Where an expression begins in its text, in characters from 0. */
interface Placed {
  readonly from: number;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | "=="
  | "!="
  | ">"
  | "<"
  | ">="
  | "<="
  | "and"
  | "or"
  | "unless";

export interface Matching {
  readonly kind: "on" | "ignoring";
  readonly labels: readonly string[];
  /** Which side may have several series for one of the other. */
  readonly many: "left" | "right" | undefined;
  /** Labels that the many side takes over from the one side. */
  readonly include: readonly string[];
}

export interface VectorSelector extends Placed {
  readonly kind: "selector";
  readonly matchers: readonly LabelMatcher[];
  readonly offsetMs: number;
}

/** A PromQL expression, as it is written. */
export type Expression =
  | (Placed & { readonly kind: "number"; readonly value: number })
  | (Placed & { readonly kind: "string"; readonly value: string })
  | VectorSelector
  | (Placed & { readonly kind: "range"; readonly selector: VectorSelector; readonly rangeMs: number })
  | (Placed & {
      readonly kind: "subquery";
      readonly of: Expression;
      readonly rangeMs: number;
      readonly stepMs: number;
      readonly offsetMs: number;
    })
  | (Placed & { readonly kind: "negation"; readonly of: Expression })
  | (Placed & {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Expression[];
    })
  | (Placed & {
      readonly kind: "aggregation";
      readonly name: string;
      readonly grouping: { readonly kind: "by" | "without"; readonly labels: readonly string[] };
      readonly parameter: Expression | undefined;
      readonly of: Expression;
    })
  | (Placed & {
      readonly kind: "binary";
      readonly op: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly bool: boolean;
      readonly matching: Matching;
    });
