import { parseExpression } from "../../promql/parse.ts";
import { QueryError } from "../../promql/query.ts";
import type { LabelMatcher } from "../../samples.ts";
import { invalid } from "./parameters.ts";

/** Throws ApiError for what is no expression. */
export function parsed(text: string, parameter: string): ReturnType<typeof parseExpression> {
  try {
    return parseExpression(text);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw invalid(parameter, `${error.line}:${error.column}: parse error: ${error.message}`);
  }
}

/** The matchers of a selector. Throws ApiError for what is none. */
export function matchersOf(text: string, parameter: string): readonly LabelMatcher[] {
  const expression = parsed(text, parameter);
  if (expression.kind === "selector") return expression.matchers;
  throw invalid(parameter, "not a selector");
}
