import { formatGeneral } from "./number-text.ts";

/** What is to be said about a quantile that is none; undefined for one between 0 and 1. */
export const quantileWarning = (q: number): string | undefined =>
  q >= 0 && q <= 1 ? undefined : `quantile value should be between 0 and 1, got ${formatGeneral(q)}`;
