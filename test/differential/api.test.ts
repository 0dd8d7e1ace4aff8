import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DASHBOARD_EXPRESSIONS } from "../support/dashboard-expressions.ts";
import { hasProgram, startPrometheus, type RealPrometheus } from "../support/real-prometheus.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";
import { until } from "../support/until.ts";
import { startWatchedShop } from "../support/watched-shop.ts";

const run = promisify(execFile);
const INTERVAL_MS = 500;
const ROOT = join(import.meta.dirname, "..", "..");

/** Values that stay: what both hold is the same, whenever they scraped it. */
const EXPOSITION = `# HELP fruit What is on \\\\ the \\n table
# TYPE fruit gauge
fruit{kind="apple",colour="red"} 3
fruit{kind="pear",colour=""} 0.1
fruit{kind="plum \\"x\\""} 1e-300
# TYPE eaten_total counter
eaten_total{job="theirs"} 12345678901234567890
# TYPE odd untyped
odd{is="nan"} NaN
odd{is="inf"} +Inf
odd{is="less"} -Inf
untold 1
# HELP waiting_seconds Time
# TYPE waiting_seconds histogram
waiting_seconds_bucket{le="0.5"} 1
waiting_seconds_bucket{le="+Inf"} 2
waiting_seconds_sum 3.5
waiting_seconds_count 2
`;

const RULES = `groups:
  - name: fruit
    rules:
      - record: fruit:sum
        expr: sum(fruit)
        labels: { by: rule }
      - alert: ManyApples
        expr: fruit{kind="apple"} > 2
        labels: { severity: inform }
        annotations: { summary: "{{ $value }} of {{ $labels.colour }}" }
      - alert: NeverMind
        expr: fruit > 100
        for: 5m
      - alert: NotYet
        expr: untold == 1
        for: 1h
`;

/** Parameters; a list is a parameter given more than once. */
type Parameters = Readonly<Record<string, string | readonly string[]>>;

function form(parameters: Parameters): URLSearchParams {
  return new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]) =>
      (typeof value === "string" ? [value] : value).map((one): [string, string] => [name, one]),
    ),
  );
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

async function ask(method: "GET" | "POST", base: string, path: string, given: Parameters): Promise<Answer> {
  const fields = form(given).toString();
  const response = await (method === "GET"
    ? fetch(`${base}${path}?${fields}`)
    : fetch(`${base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: fields,
      }));
  const type = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
  const text = await response.text();
  return { status: response.status, type, body: type === "application/json" ? JSON.parse(text) : text };
}

/** Where two times, durations or texts of an error differ, they still have to be of one kind. */
const VARYING =
  /^(error|lastError|lastScrape|lastEvaluation|activeAt|evaluationTime|lastScrapeDuration|globalUrl|file)$/;

/** An answer without what depends on the moment, the machine or the wording; lists that have no order, ordered. */
function comparable(value: unknown, key = ""): unknown {
  if (key === "text")
    return String(value)
      .replaceAll(/ \d{13}$/gm, " <time>")
      .split("\n")
      .sort();
  if (VARYING.test(key)) return kindOf(value);
  if (Array.isArray(value)) {
    const list = value.map((one) => comparable(one, key));
    const isPoint = list.length === 2 && typeof list[0] === "number";
    if (isPoint) return ["<time>", list[1]];
    return list.every((one) => Array.isArray(one) && one[0] === "<time>")
      ? list.slice(0, 1)
      : list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, comparable(one, name)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An answer that is a text under a name that says so. */
const texted = ({ status, type, body }: Answer) =>
  typeof body === "string"
    ? { status, type, ...(status === 200 ? { text: body } : {}) }
    : { status, type, body };

function kindOf(value: unknown): string {
  if (typeof value !== "string") return typeof value;
  return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)
    ? "time"
    : value === ""
      ? "nothing"
      : "text";
}

const now = Math.floor(Date.now() / 1000);
const overRange = { query: "fruit", start: String(now), end: String(now), step: "1" };

/** Expressions in many forms; the last are too long for one line. */
const FORMATTED: readonly string[] = [
  "1+2*3",
  "1e6 + 1e21 - 0.1 + Inf - NaN + 0x10",
  "-fruit",
  "-(-1)",
  "((fruit))",
  "(1)  # a remark (\n + 2",
  "fruit{kind='apple',colour!=\"red\"}",
  '{__name__="fruit",kind=~"a|b"}',
  '{__name__=~"fruit.*"}',
  "fruit{}",
  "rate(eaten_total[90s])",
  "rate(eaten_total[7d] offset 1w)",
  "max_over_time(fruit[1h30m:15s])",
  "max_over_time(fruit[1d:] offset -5m)",
  "fruit @ 1767225600.5 offset 5m",
  "fruit[5m] @ end()",
  "sum(fruit)by(kind)",
  "sum without(kind)(fruit)",
  "sum by()(fruit)",
  "topk(3,fruit)",
  "count_values('v', fruit)",
  "quantile by (kind) (0.9, fruit)",
  "fruit>bool on(kind)fruit",
  "fruit*on(kind)group_left(colour)untold",
  "fruit*ignoring(kind)group_right untold",
  "fruit and fruit or fruit unless on() fruit",
  "2^3^2",
  "label_replace(fruit,'a','$1','kind','(.*)')",
  '"a \\" text"',
  "time()",
  'sum by (kind) (rate(eaten_total{job="theirs"}[5m])) / on (kind) group_left (colour) sum by (kind) (rate(waiting_seconds_count[5m]))',
  'histogram_quantile(0.99, sum by (le, kind, colour, instance, job) (rate(waiting_seconds_bucket{job="shop",instance=~".+"}[5m])))',
  "(sum by (kind, colour, instance, job) (rate(eaten_total[5m])) > (sum by (kind, colour, instance, job) (rate(eaten_total[1h]))) * 2) or vector(0)",
  "((((sum by (kind, colour, instance, job) (rate(eaten_total[5m])) + sum by (kind, colour, instance, job) (rate(eaten_total[1h]))))))",
  "-sum by (kind, colour, instance, job) (rate(eaten_total[5m])) + sum by (kind, colour, instance, job) (rate(eaten_total[1h]))",
  "max_over_time((sum by (kind, colour, instance, job) (rate(eaten_total[5m])) + sum by (kind, colour) (rate(eaten_total[1h])))[1d:5m])",
  'topk(5, sum by (kind, colour, instance, job) (rate(eaten_total{job="a long name of a job"}[5m])) > 0.000001 * 1000)',
];

const REQUESTS: readonly (readonly [string, Parameters])[] = [
  ["/api/v1/query", { query: "fruit" }],
  ["/api/v1/query", { query: "odd" }],
  ["/api/v1/query", { query: "eaten_total" }],
  ["/api/v1/query", { query: "eaten_total * 1e10" }],
  ["/api/v1/query", { query: "fruit / 1e8" }],
  ["/api/v1/query", { query: "vector(0.000001)" }],
  ["/api/v1/query", { query: "up" }],
  ["/api/v1/query", { query: "nothing_at_all" }],
  ["/api/v1/query", { query: "sum(fruit) by (colour)" }],
  ["/api/v1/query", { query: "fruit:sum" }],
  ["/api/v1/query", { query: "ALERTS" }],
  ["/api/v1/query", { query: "1 / 3" }],
  ["/api/v1/query", { query: '"a text"' }],
  ["/api/v1/query", { query: "fruit[1s]", time: String(now - 3600) }],
  ["/api/v1/query", { query: "scrape_samples_scraped" }],
  ["/api/v1/query", { query: "fruit", time: String(now - 3600) }],
  ["/api/v1/query", { query: "1", time: "2026-01-02T03:04:05.678Z" }],
  ["/api/v1/query", { query: "1", time: "2026-01-02T03:04:05+01:00" }],
  ["/api/v1/query", { query: "time()", time: "1767225600.5" }],
  ["/api/v1/query", { query: "time()", time: "1.7672256e9" }],
  ["/api/v1/query", { query: "1", time: "yesterday" }],
  ["/api/v1/query", { query: "1", time: "2026-01-02" }],
  ["/api/v1/query", { query: "1", time: "2026-02-30T00:00:00Z" }],
  ["/api/v1/query", { query: "1", time: "2026-13-01T00:00:00Z" }],
  ["/api/v1/query", { query: "1", time: "2026-01-01T24:00:00Z" }],
  ["/api/v1/query", { query: "1", time: "2026-01-01T00:60:00Z" }],
  ["/api/v1/query", { query: "1", time: "2028-02-29T00:00:00Z" }],
  ["/api/v1/query", { query: "1", time: "2026-01-02T03:04:05" }],
  ["/api/v1/query", { query: "time()", time: "2026-01-02T03:04:05.123456789Z" }],
  ["/api/v1/query", { query: "time()", time: "1767225600.123456789" }],
  ["/api/v1/query", { query: "time()", time: "1767225600.9996" }],
  ["/api/v1/query", { query: "time()", time: "-0.0004" }],
  ["/api/v1/query", { query: "time()", time: "+1767225600" }],
  ["/api/v1/query", { query: "1", time: "" }],
  ["/api/v1/query", { query: "1", timeout: "5s" }],
  ["/api/v1/query", { query: "1", timeout: "5" }],
  ["/api/v1/query", { query: "1", timeout: "soon" }],
  ["/api/v1/query", {}],
  ["/api/v1/query", { query: "" }],
  ["/api/v1/query", { query: "sum(" }],
  ["/api/v1/query", { query: "rate(fruit)" }],
  ["/api/v1/query", { query: "unheard_of(fruit)" }],
  ["/api/v1/query", { query: "fruit{kind=~'('}" }],
  ["/api/v1/query", { query: "fruit + on () fruit" }],
  ["/api/v1/query", { query: ["1", "2"] }],
  ["/api/v1/query_range", overRange],
  [
    "/api/v1/query_range",
    { ...overRange, query: "fruit", start: String(now - 7200), end: String(now - 3600) },
  ],
  ["/api/v1/query_range", { ...overRange, query: "42", step: "1s" }],
  ["/api/v1/query_range", { ...overRange, query: "odd" }],
  ["/api/v1/query_range", { ...overRange, step: "0" }],
  ["/api/v1/query_range", { ...overRange, step: "-1" }],
  ["/api/v1/query_range", { ...overRange, step: "now" }],
  ["/api/v1/query_range", { ...overRange, step: "" }],
  ["/api/v1/query_range", { ...overRange, step: "1e300" }],
  ["/api/v1/query_range", { ...overRange, start: "" }],
  ["/api/v1/query_range", { ...overRange, start: "then" }],
  ["/api/v1/query_range", { ...overRange, end: "then" }],
  ["/api/v1/query_range", { ...overRange, end: String(now - 1) }],
  ["/api/v1/query_range", { ...overRange, query: "fruit[5s]" }],
  ["/api/v1/query_range", { ...overRange, query: '"a text"' }],
  ["/api/v1/query_range", { ...overRange, query: "sum(" }],
  ["/api/v1/query_range", { ...overRange, query: "fruit + on () fruit" }],
  ["/api/v1/query_range", { ...overRange, query: "1", end: String(now + 11_000) }],
  ["/api/v1/query_range", { ...overRange, query: "1", end: String(now + 11_001) }],
  ["/api/v1/query_range", { ...overRange, timeout: "soon" }],
  ...FORMATTED.map((query) => ["/api/v1/format_query", { query }] as const),
  ["/api/v1/format_query", { query: "sum(" }],
  ["/api/v1/format_query", {}],
  ["/api/v1/query_exemplars", { query: "fruit" }],
  ["/api/v1/query_exemplars", { query: "fruit", start: String(now - 10), end: String(now) }],
  ["/api/v1/query_exemplars", { query: "fruit", start: String(now), end: String(now - 10) }],
  ["/api/v1/query_exemplars", { query: "sum(" }],
  ["/api/v1/query_exemplars", { query: "fruit", start: "then" }],
  ["/api/v1/series", { "match[]": "fruit" }],
  ["/api/v1/series", { "match[]": ["fruit", '{kind="apple"}', "eaten_total"] }],
  ["/api/v1/series", { "match[]": "nothing_at_all" }],
  ["/api/v1/series", { "match[]": "fruit", start: String(now - 7200), end: String(now - 3600) }],
  ["/api/v1/series", { "match[]": "fruit", start: "then" }],
  ["/api/v1/series", { "match[]": "fruit", end: "then" }],
  ["/api/v1/series", {}],
  ["/api/v1/series", { "match[]": "sum(fruit)" }],
  ["/api/v1/series", { "match[]": "{" }],
  ["/api/v1/series", { "match[]": '{kind=""}' }],
  ["/api/v1/labels", {}],
  ["/api/v1/labels", { "match[]": "fruit" }],
  ["/api/v1/labels", { "match[]": "nothing_at_all" }],
  ["/api/v1/labels", { "match[]": "{" }],
  ["/api/v1/labels", { start: "then" }],
];

/** Those that only know GET. */
const READS: typeof REQUESTS = [
  ["/api/v1/label/kind/values", {}],
  ["/api/v1/label/__name__/values", { "match[]": '{kind!=""}' }],
  ["/api/v1/label/kind/values", { "match[]": 'fruit{colour="red"}' }],
  ["/api/v1/label/nothing_at_all/values", {}],
  ["/api/v1/label/1st/values", {}],
  ["/api/v1/label/kind/values", { "match[]": "{" }],
  ["/api/v1/label/kind/values", { end: "then" }],
  ["/api/v1/label/constructor/values", {}],
  ["/api/v1/label/__proto__/values", {}],
  ["/api/v1/label/hasOwnProperty/values", { "match[]": "fruit" }],
  ["/api/v1/targets/metadata", {}],
  ["/api/v1/targets/metadata", { metric: "fruit" }],
  ["/api/v1/targets/metadata", { match_target: '{job="shop"}' }],
  ["/api/v1/targets/metadata", { match_target: '{job="gone"}', metric: "fruit" }],
  ["/api/v1/targets/metadata", { match_target: "{" }],
  ["/api/v1/targets/metadata", { limit: "all" }],
  ["/federate", {}],
  ["/federate", { "match[]": ["fruit", 'odd{is!="less"}'] }],
  ["/federate", { "match[]": '{__name__=~"eaten.*|fruit:sum|waiting_.*"}' }],
  ["/federate", { "match[]": "{" }],
  ["/api/v1/rules", {}],
  ["/api/v1/rules", { type: "alert" }],
  ["/api/v1/rules", { type: "record" }],
  ["/api/v1/rules", { type: "neither" }],
  ["/api/v1/alerts", {}],
  ["/api/v1/targets", {}],
  ["/api/v1/targets", { state: "active" }],
  ["/api/v1/targets", { state: "dropped" }],
  ["/api/v1/metadata", { metric: "fruit" }],
  ["/api/v1/metadata", { metric: "waiting_seconds" }],
  ["/api/v1/metadata", { metric: "nothing_at_all" }],
  ["/api/v1/metadata", {}],
  ["/api/v1/metadata", { limit: "0" }],
  ["/api/v1/metadata", { limit: "all" }],
];

describe.skipIf(!hasProgram("prometheus") || !hasProgram("promtool"))("beside a real Prometheus", () => {
  let directory: string;
  let shop: TestUpstream;
  let theirs: RealPrometheus;
  let ours: Awaited<ReturnType<typeof startWatchedShop>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-api-"));
    const rulesFile = join(directory, "fruit.rules.yml");
    writeFileSync(rulesFile, RULES);
    shop = await httpUpstream((_request, response) =>
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(EXPOSITION),
    );
    const address = `127.0.0.1:${shop.port}`;
    theirs = await startPrometheus(`
global: { scrape_interval: ${INTERVAL_MS}ms, scrape_timeout: ${INTERVAL_MS}ms, evaluation_interval: ${INTERVAL_MS}ms }
rule_files: [${JSON.stringify(rulesFile)}]
scrape_configs:
  - { job_name: shop, static_configs: [{ targets: ["${address}"] }] }
  - { job_name: gone, static_configs: [{ targets: ["127.0.0.1:1"] }] }
`);
    ours = await startWatchedShop(
      [
        { job: "shop", instance: address, url: `http://${address}/metrics` },
        { job: "gone", instance: "127.0.0.1:1", url: "http://127.0.0.1:1/metrics" },
      ],
      { rulesFile, intervalMs: INTERVAL_MS },
    );
    for (const { url } of [theirs, ours])
      await until(
        async () => {
          const { body } = await ask("GET", url, "/api/v1/query", {
            query: "count(ALERTS) + (count(up) == 2) + sum(fruit:sum)",
          });
          return (body as { data: { result: unknown[] } }).data.result.length > 0;
        },
        `${url} to have scraped and evaluated`,
        20_000,
      );
  }, 60_000);

  afterAll(async () => {
    await ours.close();
    await theirs.stop();
    await shop.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ...REQUESTS.flatMap(([path, given]) => [["GET", path, given] as const, ["POST", path, given] as const]),
    ...READS.map(([path, given]) => ["GET", path, given] as const),
  ])("%s %s is answered alike: %j", async (method, path, given) => {
    const [mine, real] = await Promise.all([
      ask(method, ours.url, path, given),
      ask(method, theirs.url, path, given),
    ]);
    expect(comparable(texted(mine))).toEqual(comparable(texted(real)));
  });

  it.each([
    "/api/v1/status/buildinfo",
    "/api/v1/status/config",
    "/api/v1/status/runtimeinfo",
    "/api/v1/status/tsdb",
    "/api/v1/alertmanagers",
  ])("%s has the fields of the real one", async (path) => {
    const fieldsOf = async (url: string): Promise<unknown> => {
      const { data } = (await ask("GET", url, path, {})).body as { data: Readonly<Record<string, unknown>> };
      return Object.fromEntries(
        Object.entries(data).map(([name, value]) => [name, Array.isArray(value) ? "list" : typeof value]),
      );
    };
    expect(await fieldsOf(ours.url)).toEqual(await fieldsOf(theirs.url));
  });

  it("names among its flags only such as the real one has", async () => {
    const flagsOf = async (url: string): Promise<readonly string[]> =>
      Object.keys(((await ask("GET", url, "/api/v1/status/flags", {})).body as { data: object }).data);
    expect(await flagsOf(theirs.url)).toEqual(expect.arrayContaining([...(await flagsOf(ours.url))]));
  });

  it("lists the series of a range in the order of their labels, as the real one", async () => {
    const at = String(Math.floor(Date.now() / 1000));
    const given = { query: '{__name__=~"fruit|odd|eaten_total"}', start: at, end: at, step: "1" };
    const seriesOf = async (url: string): Promise<unknown> => {
      const { body } = await ask("GET", url, "/api/v1/query_range", given);
      return (body as { data: { result: readonly { metric: unknown }[] } }).data.result.map(
        ({ metric }) => metric,
      );
    };
    expect(await seriesOf(ours.url)).toHaveLength(7);
    expect(await seriesOf(ours.url)).toEqual(await seriesOf(theirs.url));
  });

  it.each(DASHBOARD_EXPRESSIONS)("%s: %s is understood by both", async (_where, query) => {
    for (const { url } of [ours, theirs])
      expect(await ask("POST", url, "/api/v1/query", { query })).toMatchObject({ status: 200 });
  });

  it.each(["/-/healthy", "/-/ready"])("is well at %s", async (path) => {
    for (const { url } of [ours, theirs]) expect((await ask("GET", url, path, {})).status).toBe(200);
  });

  const range = ["--start", String(now - 10), "--end", String(now), "--step", "1s"];
  it.each([
    ["instant", (url: string) => ["query", "instant", url, "fruit"]],
    ["instant as JSON", (url: string) => ["query", "instant", "-o", "json", url, "fruit:sum"]],
    ["range", (url: string) => ["query", "range", ...range, url, "1 + 1"]],
    ["series", (url: string) => ["query", "series", "--match=fruit", url]],
    ["labels", (url: string) => ["query", "labels", url, "kind"]],
  ])("promtool query %s prints the same of both", async (_what, args) => {
    const printed = async (url: string): Promise<string[]> => {
      const { stdout } = await run("promtool", args(url));
      return stdout
        .replaceAll(/@\[[\d.]+\]|\[\d[\d.]*,/g, "@")
        .split("\n")
        .sort();
    };
    const mine = await printed(ours.url);
    expect(mine.join("")).not.toBe("");
    expect(mine).toEqual(await printed(theirs.url));
  });

  it("promtool gets what is wrong with a query", async () => {
    await expect(run("promtool", ["query", "instant", ours.url, "sum("])).rejects.toThrow("bad_data");
  });

  it("promtool takes the configuration of the Compose stack", async () => {
    await expect(
      run("promtool", ["check", "config", "--syntax-only", join(ROOT, "dashboards", "prometheus.yml")]),
    ).resolves.toMatchObject({ stdout: expect.stringContaining("is valid") as string });
  });
});
