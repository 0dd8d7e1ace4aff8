import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { overHttp } from "../../lab/world/http/prometheus-client.ts";
import { createMonitoringClient, type MonitoringEdges } from "../../lab/world/monitoring-client.ts";
import { createMonitoringApis } from "../../lab/world/simulated/monitoring-apis.ts";
import { systemClock } from "../../runtime/clock.ts";
import { startWatchedShop } from "../support/watched-shop.ts";

const RULES = `groups:
  - name: one
    rules:
      - { alert: Apples, expr: vector(1), labels: { severity: inform } }
`;
const PORT = 9090;
const NOBODY = "http://127.0.0.1:9";

describe("a world's monitoring", () => {
  let directory: string;
  let shop: Awaited<ReturnType<typeof startWatchedShop>>;
  let ways: Readonly<Record<string, { readonly there: MonitoringEdges; readonly nowhere: MonitoringEdges }>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-monitoring-"));
    const rulesFile = join(directory, "any.rules.yml");
    writeFileSync(rulesFile, RULES);
    shop = await startWatchedShop([], { rulesFile, intervalMs: 1000 });
    const apis = createMonitoringApis((port) => (port === PORT ? "evaluator" : undefined));
    apis.open(PORT, shop.apis);
    ways = {
      "over HTTP": {
        there: overHttp({ prometheus: shop.url, alertmanager: shop.url, token: "t" }),
        nowhere: overHttp({ prometheus: NOBODY, alertmanager: NOBODY }),
      },
      "in the same process": { there: apis.client(PORT), nowhere: apis.client(9) },
    };
  });

  afterAll(async () => {
    await shop.close();
    rmSync(directory, { recursive: true, force: true });
  });

  describe.each(["over HTTP", "in the same process"])("%s", (way) => {
    const client = (where: "there" | "nowhere" = "there") => {
      const edges = ways[way]?.[where];
      if (!edges) throw new Error(`there is no way ${way}`);
      return createMonitoringClient(edges, { clock: systemClock });
    };
    const silence = (value: string, seconds = 60) =>
      client().silence({
        matchers: [{ name: "alertname", value, isRegex: true, isEqual: true }],
        seconds,
        by: "ann",
        comment: "",
      });

    it("answers with Prometheus' data", async () => {
      expect(await client().query({ expression: "vector(2)" })).toEqual({
        resultType: "vector",
        result: [{ metric: {}, value: [expect.any(Number), "2"] }],
      });
      expect(
        await client().query({ expression: "vector(2)", range: { seconds: 20, stepSeconds: 10 } }),
      ).toMatchObject({
        resultType: "matrix",
        result: [{ metric: {}, values: [[expect.any(Number), "2"], expect.anything(), expect.anything()] }],
      });
    });

    it.each([
      ["what is no expression", { expression: "sum(" }, /^invalid parameter "query": 1:5: parse error: /],
      [
        "a range of what is no vector",
        { expression: "up[1m]", range: { seconds: 10, stepSeconds: 1 } },
        /^invalid parameter "query": invalid expression type "matrix" for range query/,
      ],
      [
        "more points than the limit",
        { expression: "up", range: { seconds: 20_000, stepSeconds: 1 } },
        /^exceeded maximum resolution of 11,000 points/,
      ],
    ])("refuses %s in Prometheus' words", async (_what, request, message) => {
      await expect(client().query(request)).rejects.toMatchObject({ code: "USAGE", message });
    });

    it("makes a silence, and says by which id", async () => {
      const made = await silence(`Made ${way}`);
      expect(made).toMatchObject({ ok: true, message: expect.stringMatching(/^silence \S+ for 60 s$/) });
      const id = made.message.split(" ")[1];
      expect(shop.apis.pager.silences.all.find((one) => one.id === id)).toMatchObject({
        createdBy: "ann",
        matchers: [{ label: "alertname", op: "=~", value: `Made ${way}` }],
      });
    });

    it("says in a sentence why a silence was not made", async () => {
      expect(await silence(".*")).toEqual({
        ok: false,
        message: "a silence needs at least one matcher that does not match an empty value",
      });
      expect(await silence("Apples", -60)).toEqual({
        ok: false,
        message: "the silence ends before it begins",
      });
    });

    it("shows the silences that there are, and ends one", async () => {
      const { message } = await silence(`Shown ${way}`);
      const id = message.split(" ")[1] ?? "";
      const shown = async () => (await client().silences()).find((one) => one.id === id);
      expect(await shown()).toMatchObject({
        matchers: [{ name: "alertname", value: `Shown ${way}`, isRegex: true, isEqual: true }],
        createdBy: "ann",
        status: { state: "active" },
      });
      expect(await client().expireSilence(id)).toEqual({ ok: true, message: `silence ${id} is over` });
      expect(await shown()).toMatchObject({ status: { state: "expired" } });
      expect(await client().expireSilence("none")).toEqual({
        ok: false,
        message: "there is no silence none",
      });
    });

    it("is missed where nothing answers", async () => {
      const missed = { code: "ENVIRONMENT", hint: "npx lblab ps shows whether the evaluator runs" };
      await expect(client("nowhere").query({ expression: "up" })).rejects.toMatchObject(missed);
      await expect(
        client("nowhere").silence({ matchers: [], seconds: 60, by: "ann", comment: "" }),
      ).rejects.toMatchObject(missed);
    });
  });
});
