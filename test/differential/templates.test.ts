import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseTemplate } from "../../lab/observe/rules/template/template.ts";
import { hasProgram } from "../support/real-prometheus.ts";
import { writeYaml } from "../../runtime/yaml/write.ts";

const run = promisify(execFile);

const TEMPLATES = {
  plain: "{{ $value }}",
  humanize: "{{ $value | humanize }}",
  humanize1024: "{{ humanize1024 $value }}",
  humanizeDuration: "{{ $value | humanizeDuration }}",
  humanizePercentage: "{{ $value | humanizePercentage }}",
  humanizeTimestamp: "{{ $value | humanizeTimestamp }}",
  printf: '{{ printf "%.2f %f %g %.3g %v %.0f %.2g %%" $value $value $value $value $value $value $value }}',
  words: '{{ $labels.word | toUpper }} {{ .Labels.word }} {{ printf "%s %q" $labels.word $labels.word }}',
  escapes: '{{ "a\\x41\\u00e9\\t\\"" }} {{ `raw\\n` }}',
  nothing: "{{ $labels.nosuch }}",
  labels: "{{ $labels }} {{ $labels.__name__ }} {{ .ExternalLabels }} {{ $externalLabels.x }}",
  choice:
    "{{ if gt $value 1.0 }}high{{ else if lt $value 0.0 }}{{- `low` -}}{{ else }}between{{ end }}{{ with $labels.nosuch }}x{{ else }}!{{ end }}",
  asked:
    '{{ range $i, $s := query "v * 2" }}{{ $i }}:{{ .Value }}:{{ $s.Labels.word }}{{ end }}{{ with query "v" }}{{ . | first | value | humanize }}{{ end }}{{ range query "absent_metric" }}x{{ else }}none{{ end }}',
  ranges: "{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}",
  regex: '{{ reReplaceAll "(.) .(.)." "$2${1}$$" $labels.word }} {{ match "^x" $labels.word }}',
  hosts:
    "{{ stripPort `a:1` }} {{ stripPort `[::1]:2` }} {{ stripPort `a` }} {{ stripDomain `web-1.shop.test:80` }} {{ stripDomain `10.1.2.3:80` }} {{ stripDomain `a.b` }} {{ stripDomain `[::1]:80` }}",
  builtins:
    "{{ and 1 0 }} {{ or 0 `x` }} {{ not 0 }} {{ len $labels }} {{ index $labels `word` }} {{ slice `abcd` 1 3 }} {{ eq 1 2 1 }} {{ le 1 1 }} {{ ne `a` `b` }} {{ print 1 2 `a` 3 true }} {{ println 1 `a` }} {{ html `<a'\"&>` }} {{ js `it's <b>` }} {{ urlquery `a b&c/d!*` }}",
  numbers: "{{ 0x10 }} {{ 1_000 }} {{ 1e3 }} {{ -5 }} {{ 'a' }} {{ .5 }} {{ 010 }} {{ 0b11 }} {{ 1e7 }}",
  formats:
    '{{ printf "[%8.2f|%-8s|%08.2f|%+d|%x|%X|%t|%v|%5d|%-5d|%05d|% d|%c|%U|%o|%b|%6s|%.1s|%T|%T]" $value "ab" $value 5 255 255 true nil 42 42 42 42 97 97 8 5 "é" "éa" $value 5 }}',
  exponents:
    '{{ printf "%e %.3e %E %G %.3g %+.2f %6.1f%%" $value $value $value $value $value $value $value }}',
  mistakes:
    '{{ printf "%d %s %s" $value 5 }} {{ printf "x" 1 "a" }} {{ printf "%!" }} {{ printf "%d" "a" }} {{ printf "%f" 5 }}',
  maps: '{{ printf "%v %s" $labels $labels }} {{ args 1 "b" 2.5 }}',
  words2:
    '{{ title `two wOrds it\'s o-k` }} {{ toUpper `é` }} {{ safeHtml `<b>` }} {{ graphLink `up > 1` }} {{ tableLink `a{b="c"}` }}',
  times:
    "{{ parseDuration `1m30s` }} {{ toTime 1435065584.128 }} {{ 1435065584.128 | humanizeTimestamp }} {{ `1e3` | humanize }}",
  named:
    '{{ define "t" }}<{{ . }}{{ $ }}>{{ end }}{{ template "t" $value }}{{ template "t" `a` }}{{ block "b" 5 }}[{{ . }}]{{ end }}',
  scopes:
    "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }} {{ (len $labels) | printf `%03d` }}",
  trims: "a {{- 1 -}} b {{/* a remark */}}c {{- /* trims */ -}} d",
  several: "{{ $value | humanize | toUpper }} of {{$labels.word}}",
} as const;

/** Go's own limits for times are nothing to copy. */
const { humanizeDuration: _duration, humanizeTimestamp: _timestamp, ...FOR_HUGE } = TEMPLATES;
const HUGE = 1e10;

/** As promtool reads them. */
const VALUES = `
  0 1 -1 3.14159 -12.3456 999.94 999.96 1000 1234567 1e6 999999 100000 123456789 1e20 1e21 1e30
  -1048576 1024 1536 1e15 0.5 -0.5 0.1 0.0001 0.00001 0.0012345 0.0000123 1e-7 1.5e-10 59.5 60
  3661.9 86399.5 90061 -120 0.1234567 -0.005 0.125 0.375 2.5 12345 12355 1234500 0.00012345
  1435065584.128 1e9 Inf -Inf NaN
`
  .trim()
  .split(/\s+/);
const WORD = 'x "Y"';

/** What the three queries of the templates come to. */
function queried(expression: string, labels: Readonly<Record<string, string>>, value: number) {
  const { __name__: _name, ...nameless } = labels;
  if (expression === "v") return [{ labels, value }];
  return expression === "v * 2" ? [{ labels: nameless, value: value * 2 }] : [];
}

describe.skipIf(!hasProgram("promtool"))("the templates of alerts, filled in by the real promtool", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "lblab-templates-"));
    const rules = [
      { alert: "Any", expr: "v", annotations: TEMPLATES },
      { alert: "Huge", expr: "v", annotations: FOR_HUGE },
    ];
    writeFileSync(join(dir, "any.rules.yml"), writeYaml({ groups: [{ name: "any", rules }] }));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each(VALUES)("are what ours make of %s", async (text) => {
    const labels = { word: WORD };
    const all = { __name__: "v", ...labels };
    const value = Number(text.replace("Inf", "Infinity"));
    const isHuge = Number.isFinite(value) && Math.abs(value) > HUGE;
    const filled = Object.fromEntries(
      Object.entries(isHuge ? FOR_HUGE : TEMPLATES).map(([name, template]) => [
        name,
        parseTemplate(template)({
          labels: all,
          value,
          query: (expression) => queried(expression, all, value),
        }),
      ]),
    );
    const test = {
      interval: "1s",
      input_series: [{ series: `v{word=${JSON.stringify(WORD)}}`, values: text }],
      alert_rule_test: [
        {
          eval_time: "0s",
          alertname: isHuge ? "Huge" : "Any",
          exp_alerts: [{ exp_labels: labels, exp_annotations: filled }],
        },
      ],
    };
    const path = join(dir, `${VALUES.indexOf(text)}.test.yml`);
    writeFileSync(
      path,
      writeYaml({ rule_files: ["any.rules.yml"], evaluation_interval: "1s", tests: [test] }),
    );
    const output = await run("promtool", ["test", "rules", path]).then(
      () => "",
      (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ""}${error.stderr ?? ""}`,
    );
    expect(output).toBe("");
  });
});
