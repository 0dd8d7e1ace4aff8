import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSuite } from "../support/promqltest.ts";
import { runSuite, type Outcome } from "../support/suite-runner.ts";

/** The folder with Prometheus' own suites: `promql/testdata` or `promql/promqltest/testdata` of its sources. */
const TESTDATA = process.env["PROMQL_TESTDATA"];
if (TESTDATA === undefined)
  console.warn(
    "PROMQL_TESTDATA names no folder: Prometheus' own suites are NOT run (.ci/promql-testdata.sh gets them)",
  );
const files = TESTDATA === undefined ? [] : readdirSync(TESTDATA).filter((name) => name.endsWith(".test"));

/** Of the sources around the folder; by default 3. */
function majorVersion(folder: string): 2 | 3 {
  const version = join(folder, "VERSION");
  if (existsSync(version)) return readFileSync(version, "utf8").startsWith("2.") ? 2 : 3;
  return dirname(folder) === folder ? 3 : majorVersion(dirname(folder));
}

/**
 * The newer suites are run with the feature flag promql-delayed-name-removal, which no Prometheus has on by itself:
 * without it these have another result, or an annotation without the metric's name.
 */
const BY_FLAG: ReadonlySet<string> = new Set([
  'label_replace(rate({env="1"}[10m]), "my_name", "rate_$1", "__name__", "(.+)")',
  'label_replace(rate({env="1"}[10m]), "__name__", "rate_$1", "__name__", "(.+)")',
  'label_join(rate({env="1"}[10m]), "my_name", "_", "__name__")',
  'label_join(rate({env="1"}[10m]), "__name__", "_", "__name__", "env")',
  'sum(rate({env="1"}[10m])) by (env)',
  'label_replace(sum by (__name__) (rate(metric_total{env="2"}[5m])), "__name__", "$1", "__name__", "(.+)")',
  'sum by (__name__) (metric_total{env="1"} or rate(metric_total{env="2"}[5m]))',
  'sum by (__name__) (rate(metric_total{env="2"}[5m]) or metric_total{env="1"})',
  '(http_requests_total{group="canary"} + 1) and http_requests_total{instance="0"}',
  '(http_requests_total{group="canary"} + 1) or http_requests_total{instance="1"}',
  "histogram_quantile(0.8, series)",
  "histogram_quantile(0.5, myHistogram1)",
  "histogram_quantile(0.5, myHistogram2)",
]);

describe.skipIf(TESTDATA === undefined)("Prometheus' own suites", () => {
  const counts: Record<Outcome["kind"] | "byFlag", number> = { right: 0, refused: 0, wrong: 0, byFlag: 0 };
  const refusals = new Map<string, number>();

  afterAll(() => {
    const reasons = [...refusals].sort(([, a], [, b]) => b - a).map(([why, times]) => `${times} ${why}`);
    console.log(
      [
        `${counts.right} right, ${counts.refused} refused by list, ${counts.byFlag} otherwise by a flag, ${counts.wrong} wrong`,
        ...reasons,
      ].join("\n  "),
    );
  });

  it("are there", () => expect(files.length).toBeGreaterThan(8));

  it.each(files)("are answered as they expect, or refused as not supported: %s", (name) => {
    const folder = TESTDATA ?? "";
    const wrong: string[] = [];
    for (const [{ line, expression }, outcome] of runSuite(
      readSuite(readFileSync(join(folder, name), "utf8")),
      majorVersion(folder),
    )) {
      if (outcome.kind === "wrong" && BY_FLAG.has(expression)) {
        counts.byFlag += 1;
        continue;
      }
      counts[outcome.kind] += 1;
      if (outcome.kind === "refused") refusals.set(outcome.why, (refusals.get(outcome.why) ?? 0) + 1);
      if (outcome.kind === "wrong") wrong.push(`${name}:${line}: ${expression}\n  ${outcome.why}`);
    }
    expect(wrong.join("\n")).toBe("");
  });
});
