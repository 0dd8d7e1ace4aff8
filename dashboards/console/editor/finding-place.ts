import type { Finding } from "../../../lb/config/lint/lint.ts";

/** Offsets of a finding in its text: from its place to the end of what stands there; a place past the text is at its end. */
export function placeIn(
  text: string,
  { line, column }: Pick<Finding, "line" | "column">,
): { readonly from: number; readonly to: number } {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  const here = lines[at] ?? "";
  const inLine = Math.min(Math.max(column - 1, 0), here.length);
  const word = /^[^\s:,]+/.exec(here.slice(inLine))?.[0].length ?? 0;
  return { from: start + inLine, to: start + Math.min(here.length, inLine + Math.max(word, 1)) };
}

/** `12:5 warning UNEVEN_WEIGHTS: pools.web: message`: a finding of a text that needs no name. */
export const findingText = ({ line, column, severity, code, path, message }: Finding): string =>
  `${line}:${column} ${severity} ${code}: ${path === "" ? "" : `${path}: `}${message}`;
