import { describe, expect, it } from "vitest";
import { createQueryEngine } from "../../../../lab/observe/promql/engine.ts";
import { loadRules, type LoadedRules } from "../../../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../../../lab/observe/sample-store.ts";
import { formatFault } from "../../../../runtime/yaml/fault.ts";

const load = (text: string): LoadedRules =>
  loadRules(text, "a.rules.yml", createQueryEngine(createSampleStore({ retentionMs: 1, maxSeries: 1 })));

function faultsOf(text: string): string[] {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.faults.map(formatFault);
}

describe("a rules file", () => {
  it("gives its groups and rules in their order, with what is not given", () => {
    const loaded = load(`
groups:
  - name: first
    interval: 5s
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: { of: us }
      - alert: Down
        expr: up == 0
        for: 1m30s
        keep_firing_for: 10s
        labels: { severity: page }
        annotations: { summary: "{{ $labels.job }} is down" }
  - name: second
    rules: [{ alert: Always, expr: 1 }]
`);
    if (!loaded.ok) throw new Error("it is in order");
    const [first, second] = loaded.groups;
    expect(first).toMatchObject({ file: "a.rules.yml", name: "first", intervalMs: 5000 });
    expect(first?.rules).toMatchObject([
      { kind: "record", name: "job:up:sum", labels: { of: "us" } },
      {
        kind: "alert",
        name: "Down",
        forMs: 90_000,
        keepFiringForMs: 10_000,
        written: { labels: { severity: "page" } },
      },
    ]);
    expect(second).toMatchObject({ name: "second", intervalMs: undefined });
    expect(second?.rules).toMatchObject([{ name: "Always", forMs: 0, keepFiringForMs: 0 }]);
  });

  it.each([
    ["nothing at all", ""],
    ["only a remark", "# nothing yet\n"],
    ["no groups", "groups: []"],
    ["groups of nothing", "groups:"],
    ["no rules", "groups: [{ name: a, rules: [] }]"],
    ["rules of nothing", "groups: [{ name: a, rules: }]"],
    [
      "for a bare zero",
      "groups: [{ name: a, rules: [{ alert: X, expr: up, for: 0, keep_firing_for: '0' }] }]",
    ],
  ])("may have %s", (_what, text) => expect(load(text)).toMatchObject({ ok: true }));

  it("takes what is written for texts, whatever type they look like", () => {
    const loaded = load(`groups:
  - name: 1
    rules:
      - alert: 5.0
        expr: 1
        labels: { n: 1, ratio: 1.50, yes: yes, day: 2026-01-01, nothing: }
        annotations: { true: true }
`);
    expect(loaded).toMatchObject({ ok: true, groups: [{ name: "1" }] });
    expect(loaded.ok && loaded.groups[0]?.rules[0]).toMatchObject({
      name: "5.0",
      written: {
        labels: { n: "1", ratio: "1.50", yes: "yes", day: "2026-01-01", nothing: "" },
        annotations: { true: "true" },
      },
    });
  });

  it("gives a group's limit, offset and labels to its rules, whose own labels come first", () => {
    const loaded = load(`groups:
  - name: a
    limit: 10
    query_offset: 30s
    labels: { team: shop, tier: "{{ $value }}" }
    rules:
      - { alert: X, expr: up, labels: { tier: one } }
      - { record: y, expr: up }
`);
    const more = { limit: 10, queryOffsetMs: 30_000 };
    expect(loaded.ok && loaded.groups[0]).toMatchObject({
      limit: 10,
      rules: [
        { ...more, written: { labels: { team: "shop", tier: "one" } } },
        { ...more, labels: { team: "shop", tier: "{{ $value }}" } },
      ],
    });
    const [rule] = loaded.ok ? (loaded.groups[0]?.rules ?? []) : [];
    if (rule?.kind !== "alert") throw new Error("an alert");
    expect([...rule.labels.keys()]).toEqual(["team", "tier"]);
  });

  it("is refused as a whole, with everything that is wrong in it and the place of each", () => {
    expect(
      faultsOf(`groups:
  - name: a
    rules:
      - alert: NoExpression
        fro: 5s
      - alert: Bad
        expr: sum(up
        for: soon
  - name: a
    rules:
      - record: 1x
        expr: up[5m]
`),
    ).toEqual([
      expect.stringMatching(/^a\.rules\.yml:4:\d+: groups\[0\]\.rules\[0\].expr: /),
      expect.stringMatching(
        /^a\.rules\.yml:5:\d+: groups\[0\]\.rules\[0\]\.fro: is no field that is known here/,
      ),
      expect.stringMatching(/^a\.rules\.yml:8:14: groups\[0\]\.rules\[1\]\.for: is no duration/),
      expect.stringMatching(/^a\.rules\.yml:9:11: groups\[1\]\.name: there are two groups "a"/),
      expect.stringMatching(/^a\.rules\.yml:11:17: groups\[1\]\.rules\[0\]\.record: is no metric's name/),
    ]);
  });

  it.each([
    ["in a line", "expr: sum(rate(up))", "5:24"],
    ["in quotes", 'expr: "sum(rate(up))"', "5:25"],
    ["in a block", "expr: |\n          sum(\n            rate(up)\n          )", "7:18"],
  ])("reports of a wrong expression %s where in the file it is", (_how, line, place) => {
    const text = `groups:\n  - name: a\n    rules:\n      - alert: X\n        ${line}\n`;
    expect(faultsOf(text)).toEqual([
      expect.stringContaining(`a.rules.yml:${place}: rate needs a range vector`),
    ]);
  });

  it("reports of a wrong template where in the file it is", () => {
    const text = `groups:
  - name: a
    rules:
      - alert: X
        expr: up
        labels: { severity: "{{ nosuch 1 }}" }
        annotations:
          summary: "so: {{ $value | nosuch }}"
          description: '{{ "\\x" }}'
`;
    expect(faultsOf(text)).toEqual([
      expect.stringContaining("a.rules.yml:6:33: there is no function nosuch"),
      expect.stringContaining("a.rules.yml:8:37: there is no function nosuch"),
      expect.stringContaining(String.raw`a.rules.yml:9:28: "\x" cannot be read`),
    ]);
  });

  it.each([
    ["groups: 5", /groups/],
    ["groops: []", /groops: is no field/],
    ["groups: [", /a\.rules\.yml:1:/],
    ["groups: [{ name: a, rules: [{ expr: up }] }]", /alert/],
    ["groups: [{ name: a, rules: [{ alert: X, expr: 'up[5m]' }] }]", /an instant vector or a number/],
    [
      "groups: [{ name: a, rules: [{ alert: X, record: y, expr: up }] }]",
      /alert: a rule has either alert or record/,
    ],
    [
      "groups: [{ name: a, rules: [{ record: y, expr: up, for: 5s }] }]",
      /for: is nothing that a recording rule has/,
    ],
    [
      "groups: [{ name: a, rules: [{ record: y, expr: up, annotations: { a: b } }] }]",
      /annotations: are nothing/,
    ],
    [
      "groups: [{ name: a, rules: [{ record: y, expr: up, keep_firing_for: 1s }] }]",
      /keep_firing_for: is nothing/,
    ],
    ["groups: [{ name: a, limit: many }]", /limit: is no whole number/],
    ["groups: [{ name: a, query_offset: soon }]", /query_offset: is no duration/],
    ["groups: [{ name: a, labels: { __name__: b } }]", /__name__: is the metric's name/],
    ["groups: [{ name: '' }]", /name: a group needs a name/],
    ["groups: [{ name: a, rules: [{ alert: X, expr: up, for: '' }] }]", /for: is no duration/],
    ["groups: [{ name: a, rules: [{ alert: X, expr: '' }] }]", /expr: a rule needs an expression/],
    ["groups: [{ name: a, rules: [{ alert: X, expr: up, labels: { 'a b': c } }] }]", /labels/],
  ])("%j is refused", (text, reason) => expect(faultsOf(text).join("\n")).toMatch(reason));
});
