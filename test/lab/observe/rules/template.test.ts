import { describe, expect, it } from "vitest";
import { TemplateError } from "../../../../lab/observe/rules/template/template-error.ts";
import { parseTemplate } from "../../../../lab/observe/rules/template/template.ts";

const SAMPLES = [
  { labels: { __name__: "up", job: "b" }, value: 2 },
  { labels: { __name__: "up", job: "a" }, value: 1 },
];
const data = {
  labels: { pool: "web", count: "1536", instance: "web-1.shop.test:8080" },
  value: 0.25,
  query: (expression: string) => (expression === "up" ? SAMPLES : []),
  externalUrl: "http://127.0.0.1:9090",
};
const filled = (template: string): string => parseTemplate(template)(data);

describe("a template", () => {
  it.each([
    ["plain text", "plain text"],
    ["", ""],
    ["pool {{ $labels.pool }}: {{$value}}", "pool web: 0.25"],
    ["{{ .Labels.pool }} {{ .Value }}", "web 0.25"],
    ["{{ $labels }}", "map[count:1536 instance:web-1.shop.test:8080 pool:web]"],
    ["{{ $.Labels.pool }}", "web"],
    ["[{{ $labels.nosuch }}]", "[]"],
    ["[{{ $labels.constructor }}]", "[]"],
    ["[{{ $externalLabels.region }}]", "[]"],
    ["{{ $externalURL }}{{ externalURL }}{{ pathPrefix }}", "http://127.0.0.1:9090http://127.0.0.1:9090"],
    ["{ not } a {template}", "{ not } a {template}"],
    ["a {{- 1 -}} b {{/* never shown */}}c", "a1b c"],
    ["{{- /* trims on both sides */ -}} a", "a"],
    ["{{ if gt $value 0.2 }}high{{ else }}low{{ end }}", "high"],
    ["{{ if $labels.nosuch }}a{{ else if eq $labels.pool `web` }}b{{ else }}c{{ end }}", "b"],
    [
      "{{ with $labels.pool }}in {{ . }}{{ end }}{{ with $labels.nosuch }}x{{ else }}, none{{ end }}",
      "in web, none",
    ],
    ['{{ range query "up" }}{{ .Labels.job }}={{ .Value }} {{ end }}', "b=2 a=1 "],
    ['{{ range $i, $s := query "up" | sortByLabel "job" }}{{ $i }}{{ $s.Labels.job }} {{ end }}', "0a 1b "],
    ['{{ range query "nothing" }}x{{ else }}none{{ end }}', "none"],
    [
      '{{ range query "up" }}{{ if eq .Labels.job "a" }}{{ continue }}{{ end }}{{ .Value }}{{ break }}{{ end }}',
      "2",
    ],
    ["{{ range $name, $text := $labels }}{{ $name }} {{ end }}", "count instance pool "],
    ['{{ with query "up" }}{{ . | first | value | humanize }}{{ end }}', "2"],
    ['{{ query "up" | first | label "job" }}', "b"],
    ["{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}", "2"],
    ["{{ (humanize $value) | printf `%s of %v` $labels.pool }}", "web of 250m"],
    ['{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" $value }}{{ template "t" 5 }}', "<0.25><5>"],
    ['{{ block "b" $labels.pool }}[{{ . }}]{{ end }}', "[web]"],
    ['{{ reReplaceAll "(.*):(.*)" "$2 on ${1}, $$" $labels.instance }}', "8080 on web-1.shop.test, $"],
    ['{{ match "^web-\\\\d" $labels.instance }}', "true"],
    ["{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }}", "web-1.shop.test web-1:8080"],
    [
      "{{ stripPort `[::1]:80` }} {{ stripDomain `127.0.0.1:80` }} {{ stripDomain `a.b` }}",
      "::1 127.0.0.1:80 a",
    ],
    ["{{ title `two words` }} {{ toUpper `a` }} {{ toLower `A` }}", "Two Words A a"],
    ["{{ graphLink `up > 1` }}", "/graph?g0.expr=up+%3E+1&g0.tab=0"],
    [
      "{{ and 1 0 }} {{ or 0 `x` }} {{ not 0 }} {{ len $labels }} {{ index $labels `pool` }}",
      "0 x true 3 web",
    ],
    ["{{ and $labels.nosuch (humanize `x`) }}", ""],
    ["{{ slice `abcd` 1 3 }} {{ eq 1 2 1 }} {{ le 1 1 }} {{ ne `a` `b` }}", "bc true true true"],
    ["{{ print 1 2 `a` 3 }} {{ html `<a>` }} {{ urlquery `a b&` }}", "1 2a3 &lt;a&gt; a+b%26"],
    ["{{ 0x10 }} {{ 1_000 }} {{ 1e3 }} {{ -5 }} {{ 'a' }} {{ .5 }} {{ 010 }}", "16 1000 1000 -5 97 0.5 8"],
    [
      "{{ parseDuration `1m30s` }} {{ toTime 0 }} {{ args 1 `b` }}",
      "90 1970-01-01 00:00:00 +0000 UTC map[arg0:1 arg1:b]",
    ],
    ['{{ printf "%.1f of %s, %q, 100%%" $value $labels.pool "x" }}', '0.2 of web, "x", 100%'],
    [
      '{{ printf "[%6.2f|%-6s|%06.2f|%+d|%x|%e|%t]" $value "ab" $value 5 255 $value true }}',
      "[  0.25|ab    |000.25|+5|ff|2.500000e-01|true]",
    ],
    ['{{ printf "%d %s" $value }}', "%!d(float64=0.25) %!s(MISSING)"],
    ['{{ printf "x" 1 }}', "x%!(EXTRA int=1)"],
  ])("%j comes to %j", (template, text) => expect(filled(template)).toBe(text));

  it.each([
    ["{{ $value", "{{ is never closed", 0],
    ["x {{ }}", "there is nothing where a command needs a value", 5],
    ["x {{ $value | }}", "there is nothing where a command needs a value", 14],
    ["{{ $value | nosuch }}", "there is no function nosuch", 12],
    ["{{ toString $value }}", "there is no function toString", 3],
    ["{{ constructor }}", "there is no function constructor", 3],
    ['{{ tmpl "t" . }}', "there is no function tmpl", 3],
    ["{{ $nosuch }}", "there is no variable $nosuch", 3],
    ["{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}", "there is no variable $x", 35],
    ["{{ if $value }}x", "{{ end }} is missing", 16],
    ["{{ end }}", "{{ end }} belongs to nothing", 3],
    ["{{ if 1 }}{{ else }}{{ else }}{{ end }}", "there is a second {{ else }}", 18],
    ["{{ break }}", "{{ break }} is outside of any range", 3],
    ['{{ if 1 }}{{ define "x" }}{{ end }}{{ end }}', "{{ define }} stands within something else", 13],
    ['{{ "\\x" }}', "cannot be read", 3],
    ['{{ "open }}', "a text is never closed", 3],
    ["{{ 5x }}", "cannot read 5x", 3],
    ['{{ "a""b" }}', "is not expected in an operand", 6],
    ["{{ 1 | 2 }}", "behind a | stands a function", 7],
    ["{{ (1 }}", "something is missing in parentheses", 6],
    ["{{ /* open }}", "a comment ends with */}}", 3],
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

  it.each([
    ["{{ $labels.pool | humanize }}", 'humanize: a number is needed, not "web"'],
    ["{{ $labels.nosuch | humanizeDuration }}", 'humanizeDuration: a number is needed, not ""'],
    ["{{ humanize }}", "humanize takes 1 values, not 0"],
    ["{{ humanize 1 2 }}", "humanize takes 1 values, not 2"],
    ["{{ .Nosuch }}", "a data has no Nosuch"],
    ["{{ $value.x }}", "a float64 has no x"],
    ["{{ toUpper $value }}", "toUpper needs a string, not a float64"],
    ["{{ $labels.pool 1 }}", "only a function takes a value"],
    ["{{ nil }}", "nil is no command"],
    ["{{ $x = 1 }}", "there is no variable $x"],
    ["{{ . }}", "a data cannot be printed"],
    ['{{ query "nothing" | first }}', "first: there is no sample"],
    ['{{ query "up" }}', "a template.queryResult cannot be printed"],
    ["{{ eq 1 $value }}", "eq: a int cannot be compared with a float64"],
    ["{{ range 5 }}{{ end }}", "range cannot go through a int"],
    ['{{ template "nosuch" }}', "there is no template nosuch"],
    [
      '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
      "templates fill one another in 100 times",
    ],
    ["{{ index $labels 1 }}", "index: a map is asked by text"],
    ["{{ slice `abc` 4 }}", "slice: 4 is out of range"],
    ["{{ match `(` `a` }}", "match: "],
  ])("%s says when it is filled in why it cannot be", (template, reason) => {
    const made = parseTemplate(template);
    expect(() => made(data)).toThrow(TemplateError);
    expect(() => made(data)).toThrow(reason);
  });

  it("is bounded in length, however often it loops", () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ labels: { i: `${i}` }, value: i }));
    const nested = `{{ range query "up" }}{{ range query "up" }}{{ .Labels }}{{ end }}{{ end }}`;
    expect(() => parseTemplate(nested)({ ...data, query: () => many })).toThrow("longer than");
  });
});
