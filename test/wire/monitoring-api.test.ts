import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSeries, readExposition } from "../../lab/observe/scrape/exposition.ts";
import { until } from "../support/until.ts";
import { httpUpstream, type TestUpstream } from "../support/upstreams.ts";
import { startWatching } from "../support/watched-shop.ts";

const RULES = `groups:
  - { name: one, rules: [{ alert: Apples, expr: fruit > 2 }] }
`;

describe("the evaluator's API", () => {
  let directory: string;
  let shop: TestUpstream;
  let watching: Awaited<ReturnType<typeof startWatching>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-api-"));
    const rulesFile = join(directory, "fruit.rules.yml");
    writeFileSync(rulesFile, RULES);
    shop = await httpUpstream((_request, response) => response.end("fruit 3\n"));
    watching = await startWatching(
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

  it("answers Grafana and promtool, which ask by forms and have no token", async () => {
    const asked = await ask("/api/v1/query", { method: "POST", headers: FORM, body: "query=fruit%2B1" });
    expect(asked.status).toBe(200);
    expect(JSON.parse(asked.body)).toMatchObject({
      data: { result: [{ value: [expect.any(Number), "4"] }] },
    });
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
    const asked = await ask("/api/v1/query?query=1&__proto__=2&constructor=3&hasOwnProperty=4");
    expect(asked.status).toBe(200);
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
