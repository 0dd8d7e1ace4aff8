import type { LabelMatcher } from "../samples.ts";

/** Matchers that both of Alertmanager's parsers, the classic and the UTF-8 one, read alike. */
const MATCHER = /^\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\["\\n])*)"|([^"'`\\\s{}=!~,]+))\s*$/;

/** Parses `severity="page"`, as Alertmanager writes matchers; undefined when it is invalid. */
export function parseMatcher(text: string): LabelMatcher | undefined {
  const [, label, op, quoted, bare = ""] = MATCHER.exec(text) ?? [];
  if (label === undefined || op === undefined) return undefined;
  const value = quoted?.replaceAll(/\\(.)/g, (_all, letter: string) => (letter === "n" ? "\n" : letter));
  return { label, op: op as LabelMatcher["op"], value: value ?? bare };
}

/** Parses `{a="b",c=~"d"}`, with or without braces; undefined when any of them is invalid. */
export function parseMatchers(text: string): readonly LabelMatcher[] | undefined {
  const inner = text.trim().replace(/^\{/, "").replace(/\}$/, "").replace(/,\s*$/, "");
  const matchers = splitOutsideQuotes(inner).map(parseMatcher);
  return matchers.every((one) => one !== undefined) ? matchers : undefined;
}

const splitOutsideQuotes = (text: string): readonly string[] =>
  text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/gs) ?? [];

/** As Alertmanager writes it in a group's key. */
export function matcherText({ label, op, value }: LabelMatcher): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
  return `${label}${op}"${escaped}"`;
}
