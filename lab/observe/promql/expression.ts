import type { LabelMatcher } from "../samples.ts";

/** Where an expression begins in its text, in characters from 0. */
interface Placed {
  readonly from: number;
  /** Where its parentheses begin, when it is in some. */
  readonly parenFrom?: number;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | "atan2"
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
  readonly shift: Shift;
}

/** The time that an expression reads at, instead of the moment of its evaluation. */
export interface Shift {
  /** The `@` modifier: at this moment (epoch ms), or at the first or last moment of the whole query. */
  readonly at: number | "start" | "end" | undefined;
  /** So much earlier; a negative one is later. */
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
      /** Undefined: the engine's default step. */
      readonly stepMs: number | undefined;
      readonly shift: Shift;
    })
  | (Placed & { readonly kind: "sign"; readonly negative: boolean; readonly of: Expression })
  | (Placed & {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Expression[];
    })
  | (Placed & {
      readonly kind: "aggregation";
      readonly name: string;
      readonly grouping: { readonly kind: "by" | "without"; readonly labels: readonly string[] };
      readonly args: readonly Expression[];
    })
  | (Placed & {
      readonly kind: "binary";
      readonly op: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly bool: boolean;
      readonly matching: Matching;
    });
