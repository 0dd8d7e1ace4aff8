import { CodedError } from "../../runtime/errors.ts";
import type { MatcherView } from "../observe/pager/silence-view.ts";

/** A matcher as a person writes it: an alert's name, `severity=inform` or `upstream=~"web-.*"`. Throws USAGE for what is neither. */
export function matcherOf(text: string): MatcherView {
  if (/^[A-Za-z_]\w*$/.test(text)) return { name: "alertname", value: text, isRegex: false, isEqual: true };
  const [, name = "", op = "", quoted, bare = ""] =
    /^([A-Za-z_]\w*)(=~|!~|!=|=)(?:"([^"]*)"|(.*))$/.exec(text) ?? [];
  if (name === "")
    throw new CodedError("USAGE", `"${text}" is neither an alert's name nor a matcher`, {
      hint: 'matchers look like severity=inform or upstream=~"web-.*"',
    });
  return { name, value: quoted ?? bare, isRegex: op.endsWith("~"), isEqual: op.startsWith("=") };
}
