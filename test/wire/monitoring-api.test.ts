import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSeries, readExposition } from "../../lab/observe/scrape/exposition.ts";
import { until } from "../support/until.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";
import { startWatchedShop } from "../support/watched-shop.ts";

const RULES = `groups:
  - { name: one, rules: [{ alert: Apples, expr: fruit > 2 }] }
`;

describe("the evaluator's API", () => {
  let directory: string;
  let shop: TestUpstream;
  let watching: Awaited<ReturnType<typeof startWatchedShop>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-api-"));
    const rulesFile = join(directory, "fruit.rules.yml");
    writeFileSync(rulesFile, RULES);
    shop = await httpUpstream((_request, response) => response.end("fruit 3\n"));
    watching = await startWatchedShop(
      [
        { job: "shop", instance: "shop", url: `http://127.0.0.1:${shop.port}/metrics` },
        { job: "shop", instance: "gone", url: "http://127.0.0.1:1/metrics" },
      ],
      { rulesFile, intervalMs: 100 },
    );
    await until(async () => (await ask("/api/v1/query?query=ALERTS")).body.includes("Apples"), "an alert");
  });

  afterAll(async () => {
    await watching.close();
    await shop.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** With the head as given: fetch would not send every Host. */
  function ask(
    path: string,
    {
      method = "GET",
      headers = {},
      body = "",
    }: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(`${watching.url}${path}`, { method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  const FORM = { "content-type": "application/x-www-form-urlencoded" };

  it("answers Grafana and promtool, which post forms and have no token", async () => {
    const answer = await ask("/api/v1/query", { method: "POST", headers: FORM, body: "query=fruit%2B1" });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      data: { result: [{ value: [expect.any(Number), "4"] }] },
    });
  });

  it("hands the newest samples to another Prometheus", async () => {
    const { status, body } = await ask("/federate?match[]=fruit");
    expect(status).toBe(200);
    expect(body).toMatch(/^# TYPE fruit untyped\nfruit\{instance="shop",job="shop"\} 3 \d{13}\n$/);
  });

  it("counts its series by name, with the times of the first and the last sample", async () => {
    const { status, body } = await ask("/api/v1/status/tsdb");
    expect(status).toBe(200);
    const { data } = JSON.parse(body) as {
      data: { headStats: { minTime: number; maxTime: number }; seriesCountByMetricName: unknown[] };
    };
    expect(data.seriesCountByMetricName).toContainEqual({ name: "up", value: 2 });
    expect(data.headStats.minTime).toBeGreaterThan(0);
    expect(data.headStats.maxTime).toBeGreaterThanOrEqual(data.headStats.minTime);
  });

  it.each([
    ["of another name", { host: "shop.test" }],
    ["of another port", { host: "127.0.0.1:1" }],
    ["from a page elsewhere", { origin: "http://evil.test" }],
    ["from a page without an origin", { origin: "null" }],
    ["that a page elsewhere made a browser send", { "sec-fetch-site": "cross-site" }],
  ])("refuses to answer a request %s", async (_what, headers: Record<string, string>) => {
    const refused = await ask("/api/v1/query?query=fruit", { headers });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body)).toMatchObject({ status: "error", errorType: "forbidden" });
    const form = await ask("/api/v1/query", {
      method: "POST",
      headers: { ...FORM, ...headers },
      body: "query=1",
    });
    expect(form.status).toBe(403);
  });

  it.each(["query", "query_range", "series", "labels", "query_exemplars"])(
    "reads by a form at %s, without a token",
    async (name) => {
      const body = "query=fruit&match[]=fruit&start=1&end=2&step=1";
      const answer = await ask(`/api/v1/${name}`, { method: "POST", headers: FORM, body });
      expect(answer.status).toBe(200);
    },
  );

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "has no values of a label called %s, which every object has",
    async (name) => {
      const answer = await ask(`/api/v1/label/${name}/values`);
      expect(JSON.parse(answer.body)).toEqual({ status: "success", data: [] });
    },
  );

  it.each(["2026-02-30T00:00:00Z", "2026-04-31T12:00:00Z", "2025-02-29T00:00:00Z", "2026-01-01T25:00:00Z"])(
    "refuses the time %s, which no calendar has",
    async (time) => {
      const answer = await ask(`/api/v1/query?query=1&time=${time}`);
      expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("bad_data") as string });
    },
  );

  it("takes whole milliseconds only", async () => {
    const { body } = await ask("/api/v1/query?query=time()&time=1767225600.1239");
    expect(JSON.parse(body)).toMatchObject({ data: { result: [1767225600.124, "1767225600.124"] } });
  });

  it("lists the series of a range in the order of their labels", async () => {
    const now = Date.now() / 1000;
    const query = encodeURIComponent('{__name__=~".+"}');
    const { body } = await ask(`/api/v1/query_range?query=${query}&start=${now - 1}&end=${now}&step=1`);
    const { data } = JSON.parse(body) as { data: { result: readonly { metric: Record<string, string> }[] } };
    const names = data.result.map(({ metric }) => metric["__name__"]);
    expect(names.length).toBeGreaterThan(5);
    expect(names).toEqual([...names].sort((a = "", b = "") => (a < b ? -1 : 1)));
  });

  it("has warnings beside an answer, of one moment and of many", async () => {
    const now = Date.now() / 1000;
    for (const path of [
      "/api/v1/query?query=quantile(2,fruit)",
      `/api/v1/query_range?query=quantile(2,fruit)&start=${now - 2}&end=${now}&step=1`,
    ])
      expect(JSON.parse((await ask(path)).body)).toMatchObject({
        status: "success",
        warnings: [expect.stringContaining("quantile") as string],
      });
    expect(JSON.parse((await ask("/api/v1/query?query=fruit")).body)).not.toHaveProperty("warnings");
  });

  it("shows how it was set up, without a secret", async () => {
    const { body } = await ask("/api/v1/status/config");
    expect(JSON.parse(body)).toMatchObject({
      data: { yaml: expect.stringContaining("job_name: shop") as string },
    });
    expect((await ask("/api/v2/status")).body).toContain("url: <secret>");
    expect((await ask("/api/v2/status")).body).not.toContain("relay");
  });

  it("gives every alert a link that leads to its expression, evaluated", async () => {
    const [alert] = JSON.parse((await ask("/api/v2/alerts")).body) as readonly { generatorURL: string }[];
    expect(alert?.generatorURL).toBe(`${watching.url}/graph?g0.expr=fruit+%3E+2&g0.tab=1`);
    const page = await ask((alert?.generatorURL ?? "").slice(watching.url.length));
    expect(page.status).toBe(200);
    expect(page.body).toContain("fruit &gt; 2</textarea>");
    expect(page.body).toContain("<td>fruit{instance=&quot;shop&quot;, job=&quot;shop&quot;}</td><td>3</td>");
    expect((await ask("/alerts")).body).toContain('<a href="/graph?g0.expr=fruit+%3E+2&amp;g0.tab=1">');
  });

  it("shows on its pages nothing but text, whatever the query", async () => {
    const hostile = encodeURIComponent(`"<script>alert(1)</script>`);
    const page = await ask(`/graph?g0.expr=${hostile}`);
    expect(page.body).not.toContain("<script");
    expect(page.body).toContain('role="alert"');
  });

  it("has nothing that a POST without the token could change", async () => {
    for (const path of [
      "/api/v1/rules",
      "/api/v1/admin/tsdb/delete_series",
      "/api/v2/silences",
      "/-/reload",
      "/-/quit",
    ])
      expect((await ask(path, { method: "POST", headers: FORM, body: "a=b" })).status, path).toBe(401);
  });

  it("refuses a form that is too long, and what is no form", async () => {
    const long = await ask("/api/v1/query", {
      method: "POST",
      headers: FORM,
      body: `query=${"1".repeat(1_100_000)}`,
    });
    expect(long.status).toBe(413);
    const json = await ask("/api/v1/query", {
      method: "POST",
      headers: { "content-type": "text/css" },
      body: "{}",
    });
    expect(json.status).toBe(415);
  });

  it("is not taken in by parameters that are called as every object's fields are", async () => {
    const answer = await ask("/api/v1/query?query=1&__proto__=2&constructor=3&hasOwnProperty=4");
    expect(answer.status).toBe(200);
  });

  it("publishes what it holds, what it drops and what fails", async () => {
    const figures = new Map<string, number>();
    const { body } = await ask("/metrics");
    readExposition(body, ({ series, value }) => figures.set(parseSeries(series)["__name__"] ?? "", value));
    expect(figures.get("evaluator_targets")).toBe(2);
    expect(figures.get("evaluator_scrape_failures_total")).toBeGreaterThan(0);
    expect(figures.get("evaluator_scrapes_total")).toBeGreaterThan(
      figures.get("evaluator_scrape_failures_total") ?? 0,
    );
    // Three of each target's own, two of the alert's, and the one metric.
    expect(figures.get("evaluator_series")).toBe(9);
    expect(figures.get("evaluator_samples")).toBeGreaterThan(0);
    expect(figures.get("evaluator_dropped_series_total")).toBe(0);
    expect(figures.get("evaluator_evaluation_seconds")).toBeGreaterThan(0);
    expect(figures.get("evaluator_rules")).toBe(1);
    expect(figures.get("evaluator_failing_rules")).toBe(0);
  });
});
