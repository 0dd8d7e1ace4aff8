/**
 * A sentence of a report that has a figure or an order in it, in our own words, and its treatment here. Every such
 * sentence is listed, in the order of the report.
 */
export interface Statement {
  /** From 1 on, without a gap. */
  readonly n: number;
  readonly says: string;
  readonly became: readonly Became[];
}

export type Became =
  /** A claim, by its name, is compared with a run. */
  | { readonly claim: string }
  /** A step of the report's own team, by its text. */
  | { readonly step: string }
  /** One of the report's contradictions, by its claim. */
  | { readonly contradiction: string }
  /** It is not modelled; the reason. */
  | { readonly notModelled: string };
