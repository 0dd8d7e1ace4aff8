import { formatGeneral } from "./number-text.ts";

/** The warning about a quantile outside of 0 to 1; undefined for one within. */
export const quantileWarning = (q: number): string | undefined =>
  q >= 0 && q <= 1 ? undefined : `quantile value should be between 0 and 1, got ${formatGeneral(q)}`;
