import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import { formatFault } from "../../runtime/yaml/fault.ts";
import { hasProgram } from "../support/real-prometheus.ts";

const run = promisify(execFile);
const engine = createQueryEngine(createSampleStore({ retentionMs: 1, maxSeries: 1 }));

const group = (rest: string): string => `groups: [{ name: a, ${rest} }]`;
const alert = (rest: string): string => group(`rules: [{ alert: X, expr: up, ${rest} }]`);
const record = (rest: string): string => group(`rules: [{ record: x, expr: up, ${rest} }]`);
const template = (text: string): string => alert(`annotations: { s: ${JSON.stringify(text)} }`);

/** Files that both read alike: both load them, or both refuse them. */
const FILES: readonly string[] = [
  "",
  "# nothing",
  "{}",
  "groups:",
  "groups: []",
  "groups: 5",
  "groups: {}",
  "groops: []",
  "groups: [{}]",
  "groups: [{ name: '' }]",
  "groups: [{ name: a }, { name: a }]",
  "groups: [{ name: a }, { name: b }]",
  group("rules:"),
  group("rules: []"),
  group("rules: [{}]"),
  group("limit: 5"),
  group("limit: 0"),
  group("limit: -1"),
  group("limit: many"),
  group("interval: 0s"),
  group("interval: 0"),
  group("interval: '0'"),
  group("interval: 1m30s"),
  group("interval: 1.5m"),
  group("interval: soon"),
  group("interval: ''"),
  group("interval: 30"),
  group("interval: -5s"),
  group("source: here"),
  group("rules: [{ alert: X }]"),
  group("rules: [{ expr: up }]"),
  group("rules: [{ alert: X, expr: '' }]"),
  group("rules: [{ alert: X, record: y, expr: up }]"),
  group("rules: [{ alert: 5, expr: 1 }]"),
  group("rules: [{ record: 5, expr: 1 }]"),
  group("rules: [{ record: 'a b', expr: 1 }]"),
  group("rules: [{ record: 'a:b_c', expr: 1 }]"),
  group("rules: [{ alert: 'a b', expr: 1 }]"),
  group("rules: [{ alert: X, expr: 'sum(' }]"),
  group("rules: [{ alert: X, expr: true }]"),
  group("rules: [{ alert: X, expr: 0x10 }]"),
  group("rules: [{ alert: X, expr: 1e3 }]"),
  alert("for: 0"),
  alert("for: '0'"),
  alert("for: 0s"),
  alert("for: 5"),
  alert("for: ''"),
  alert("for:"),
  alert("for: 1d12h"),
  alert("for: 1h1d"),
  alert("for: 1h 5m"),
  alert("keep_firing_for: 5m"),
  alert("keep_firing_for: soon"),
  alert("labels: { n: 1 }"),
  alert("labels: { n: 1.50, b: true, y: yes, d: 2026-01-01, e: , z: ~ }"),
  alert("labels: { 'a b': c }"),
  alert("labels: { __name__: c }"),
  alert("labels: { __meta: c }"),
  alert("labels: { 1: c }"),
  alert("labels: { a: [b] }"),
  alert("labels: { a: { b: c } }"),
  alert("labels: []"),
  alert("labels:"),
  alert("annotations: { 'a b': c }"),
  alert("annotations: { n: 1 }"),
  alert("annotations:"),
  alert("for: 5m, for: 6m"),
  alert("nosuch: 1"),
  record("labels: { l: over }"),
  record("labels: { l: '{{ not a template' }"),
  record("annotations: { a: b }"),
  record("annotations: {}"),
  record("for: 5m"),
  record("for: 0s"),
  record("keep_firing_for: 5m"),
  template("{{ $value }}"),
  template("{{ $value"),
  template("{{ }}"),
  template("{{ nosuch }}"),
  template("{{ $nosuch }}"),
  template("{{ .Nosuch }}"),
  template("{{ $labels }}"),
  template("{{ $labels.a.b }}"),
  template("{{ $externalLabels.region }}{{ $externalURL }}"),
  template("{{ if $value }}a{{ else if eq 1 2 }}b{{ else }}c{{ end }}"),
  template("{{ if $value }}a"),
  template("{{ end }}"),
  template("{{ else }}"),
  template('{{ with query "up" }}{{ . | first | value }}{{ end }}'),
  template('{{ range query "up" }}{{ .Labels.a }}{{ else }}none{{ end }}'),
  template('{{ range $i, $s := query "up" }}{{ $i }}{{ break }}{{ continue }}{{ end }}'),
  template("{{ break }}"),
  template("{{ $x := 5 }}{{ $x = 6 }}{{ $x }}"),
  template("{{ $x = 6 }}"),
  template('{{ define "t" }}x{{ end }}{{ template "t" . }}'),
  template('{{ template "nosuch" . }}'),
  template("{{/* a remark */}}{{- $value -}}"),
  template("{{ (humanize $value) | toUpper }}"),
  template("{{ (humanize $value }}"),
  template("{{ humanize }}"),
  template("{{ humanize 1 2 }}"),
  template("{{ 1 | 2 }}"),
  template('{{ "open }}'),
  template('{{ "\\x" }}'),
  template("{{ 'a' }}"),
  template("{{ 0x10 }} {{ 1_000 }} {{ 1e3 }} {{ true }}"),
  template("{{ nil }}"),
  template("{{ printf }}"),
  template("{{ . }}"),
  template("{{ $ }}"),
  template("{{ $value.x }}"),
  template("{{ len $labels | printf `%d` }}"),
  template('{{ reReplaceAll "(.*):.*" "$1" $labels.instance }}'),
  template("{{ and 1 0 }} {{ or 0 1 }} {{ not 1 }} {{ index $labels `a` }} {{ slice `abc` 1 }}"),
  template("{{ eq 1 1 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 1 2 }} {{ gt 1 2 }} {{ ge 1 2 }}"),
  template("{{ html `<` }} {{ js `x` }} {{ urlquery `a b` }} {{ print 1 }} {{ println 1 }}"),
  template("{{ title `a` }}{{ stripPort `a:1` }}{{ stripDomain `a.b` }}{{ safeHtml `a` }}{{ pathPrefix }}"),
  template(
    "{{ graphLink `up` }}{{ tableLink `up` }}{{ externalURL }}{{ parseDuration `1m` }}{{ toTime 1.0 }}",
  ),
  template("{{ args 1 2 }}{{ tmpl `t` . }}{{ match `a` `b` }}{{ sortByLabel `a` nosuch }}"),
];

/** Files that Prometheus loads although they have nothing to evaluate. */
const ONLY_THEIRS: readonly string[] = [group("rules: [null]"), group("limit: 1.5")];

/** Files with fields of Prometheus 3, which Debian's refuses. */
const ONLY_NEWER: readonly string[] = [group("query_offset: 1m"), group("labels: { team: shop }")];

describe.skipIf(!hasProgram("promtool"))("rules files, checked by the real promtool", () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "lblab-rule-files-"))));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function theirs(text: string): Promise<readonly string[]> {
    const path = join(dir, "a.rules.yml");
    writeFileSync(path, text);
    return run("promtool", ["check", "rules", "--lint=none", path]).then(
      () => [],
      (error: { stdout?: string; stderr?: string }) => [`${error.stdout ?? ""}${error.stderr ?? ""}`],
    );
  }

  function ours(text: string): readonly string[] {
    const loaded = loadRules(text, "a.rules.yml", engine);
    return loaded.ok ? [] : loaded.faults.map(formatFault);
  }

  it.each(FILES)("%j is loaded by both or by neither", async (text) => {
    const [mine, real] = [ours(text), await theirs(text)];
    expect(mine.length > 0, `ours: ${mine.join("; ")}\ntheirs: ${real.join("; ")}`).toBe(real.length > 0);
  });

  it.each(ONLY_THEIRS)("%j is refused here", async (text) => {
    expect(ours(text)).not.toEqual([]);
    expect(await theirs(text)).toEqual([]);
  });

  it.each(ONLY_NEWER)("%j is loaded as by newer ones", async (text) => {
    expect(ours(text)).toEqual([]);
    expect(await theirs(text)).not.toEqual([]);
  });
});
