import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseTemplate } from "../../lab/observe/rules/template.ts";
import { hasProgram } from "../support/real-prometheus.ts";

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

describe.skipIf(!hasProgram("promtool"))("the templates of alerts, filled in by the real promtool", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "lblab-templates-"));
    const rules = [
      { alert: "Any", expr: "v", annotations: TEMPLATES },
      { alert: "Huge", expr: "v", annotations: FOR_HUGE },
    ];
    writeFileSync(join(dir, "any.rules.yml"), stringify({ groups: [{ name: "any", rules }] }));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each(VALUES)("are what ours make of %s", async (text) => {
    const labels = { word: WORD };
    const value = Number(text.replace("Inf", "Infinity"));
    const isHuge = Number.isFinite(value) && Math.abs(value) > HUGE;
    const filled = Object.fromEntries(
      Object.entries(isHuge ? FOR_HUGE : TEMPLATES).map(([name, template]) => [
        name,
        parseTemplate(template)({ labels, value }),
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
      stringify({ rule_files: ["any.rules.yml"], evaluation_interval: "1s", tests: [test] }),
    );
    const said = await run("promtool", ["test", "rules", path]).then(
      () => "",
      (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ""}${error.stderr ?? ""}`,
    );
    expect(said).toBe("");
  });
});
