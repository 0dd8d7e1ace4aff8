import { describe, expect, it } from "vitest";
import { parseTemplate, TemplateError } from "../../../../lab/observe/rules/template.ts";

const data = { labels: { pool: "web", count: "1536" }, value: 0.25 };
const filled = (template: string): string => parseTemplate(template)(data);

describe("a template", () => {
  it.each([
    ["plain text", "plain text"],
    ["", ""],
    ["pool {{ $labels.pool }}: {{$value}}", "pool web: 0.25"],
    ["{{ .Labels.pool }} {{ .Value }}", "web 0.25"],
    ["[{{ $labels.nosuch }}]", "[]"],
    ["[{{ $labels.constructor }}]", "[]"],
    ["{{ $value | humanizePercentage }}", "25%"],
    ["{{ humanizePercentage $value }}", "25%"],
    ["{{$labels.pool|toUpper|toLower}}", "web"],
    ["{{ $labels.count | humanize1024 }}", "1.5ki"],
    ['{{ printf "%.1f of %s, %q, 100%%" $value $labels.pool "x" }}', '0.2 of web, "x", 100%'],
    ['{{ $value | printf "%.3f" }}', "0.250"],
    ['{{ "a\\tb" }}{{ `c\\t` }}{{ 5 }}', "a\tbc\\t5"],
    ["{ not } a {template}", "{ not } a {template}"],
  ])("%j comes to %j", (template, text) => expect(filled(template)).toBe(text));

  it.each([
    ["{{ $value", "{{ is never closed", 0],
    ["x {{ }}", "there is nothing between", 4],
    ["x {{ $value | }}", "there is nothing between", 4],
    ["{{ .Foo }}", ".Foo is not supported", 3],
    ["{{ $value | nosuch }}", "nosuch is no function that is supported", 12],
    ["{{ toString $value }}", "toString is no function that is supported", 3],
    ["{{ humanize }}", "humanize takes one value", 3],
    ["{{ humanize 1 2 }}", "humanize takes one value", 3],
    ['{{ query "up" }}', "query is no function that is supported", 3],
    ["{{ if $value }}x{{ end }}", "if is no function that is supported", 3],
    ['{{ "\\x" }}', "not a string", 3],
    ['{{ printf "%d" $value }}', "printf knows", 3],
    ['{{ printf "%s" }}', "printf knows", 3],
    ['{{ printf "%s" 1 2 }}', "printf knows", 3],
    ["{{ printf }}", "printf needs its format first", 3],
    ['{{ "open }}', "cannot read", 2],
  ])("%j is refused when it is loaded", (template, message, at) => {
    let caught: unknown;
    try {
      parseTemplate(template);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TemplateError);
    expect(caught).toMatchObject({ message: expect.stringContaining(message) as string, at });
  });

  it.each(["{{ $labels.pool | humanize }}", "{{ $labels.nosuch | humanizeDuration }}"])(
    "%s needs a number when it is filled in",
    (template) => expect(() => filled(template)).toThrow(TemplateError),
  );
});
