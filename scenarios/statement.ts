/**
 * A sentence of a report that has a figure or an order in it, in our own words, and what became of it here. Every such
 * sentence is listed, in the order of the report.
 */
export interface Statement {
  /** From 1 on, without a gap. */
  readonly n: number;
  readonly says: string;
  readonly became: readonly Became[];
}

export type Became =
  /** A claim, by its name, is set beside a run. */
  | { readonly claim: string }
  /** A step of the report's own team, by what it says. */
  | { readonly step: string }
  /** It contradicts something: one of the contradictions, by its claim. */
  | { readonly contradiction: string }
  /** Nothing here shows it; the reason. */
  | { readonly notModelled: string };
