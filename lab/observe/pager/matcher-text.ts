import type { LabelMatcher } from "../samples.ts";

const MATCHER = /^\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"\s{},]*))\s*$/;

/** `severity="page"`, as Alertmanager writes matchers; undefined when it is none. */
export function parseMatcher(text: string): LabelMatcher | undefined {
  const [, label, op, quoted, bare] = MATCHER.exec(text) ?? [];
  if (label === undefined || op === undefined) return undefined;
  const value = quoted === undefined ? (bare ?? "") : (JSON.parse(`"${quoted}"`) as string);
  return { label, op: op as LabelMatcher["op"], value };
}

/** As Alertmanager writes it in a group's key. */
export const matcherText = ({ label, op, value }: LabelMatcher): string =>
  `${label}${op}${JSON.stringify(value)}`;
