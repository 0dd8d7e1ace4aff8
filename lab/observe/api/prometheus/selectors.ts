import { parseExpression } from "../../promql/parse.ts";
import { QueryError } from "../../promql/query.ts";
import type { LabelMatcher } from "../../samples.ts";
import { invalid } from "./answer.ts";

/** The result of parsing an expression. Throws ApiError, with the place, for a syntax error. */
export function understood<T>(parameter: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw invalid(parameter, `${error.line}:${error.column}: parse error: ${error.message}`);
  }
}

/** The matchers of a selector. Throws ApiError for anything else. */
export function matchersOf(text: string, parameter: string): readonly LabelMatcher[] {
  const expression = understood(parameter, () => parseExpression(text));
  if (expression.kind === "selector") return expression.matchers;
  throw invalid(parameter, "not a selector");
}
