import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MECHANISMS } from "../../scenarios/diagnosis.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { openConsole } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { serveSite, type Site } from "./site.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), "utf8");

/** What everyone may know: the words of a diagnosis, decoys among them, and the alert rules. */
const PUBLIC = [
  JSON.stringify(MECHANISMS),
  read("dashboards", "alerts", "causes.rules.yml"),
  read("dashboards", "alerts", "symptoms.rules.yml"),
]
  .join("\n")
  .toLowerCase();

/** What gives an incident away: its id, its words that are nobody else's, its story line by line. */
const SECRETS = SCENARIOS.flatMap(({ id, spoilers }) => [
  id,
  ...spoilers.map((word) => word.toLowerCase()).filter((word) => !PUBLIC.includes(word)),
  ...read("scenarios", id, "answer.md")
    .toLowerCase()
    .split("\n")
    .filter((line) => line.length > 40),
]);

describe.skipIf(isSkipped)("what is delivered before a drill begins, in Chromium", () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it("gives no incident away: the answers travel with the worker alone", async () => {
    const page = await openConsole(browser, site.url);
    await page.page.waitForLoadState("networkidle");
    await page.close();
    const paths = page.asked.map((path) => (path === "/" ? "index.html" : path.slice(1)));
    expect(paths.length).toBeGreaterThan(1);
    expect(paths.filter((path) => path.includes("worker"))).toEqual([]);
    for (const path of paths.filter((one) => site.files.includes(one))) {
      const text = (await site.read(path)).toLowerCase();
      expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
    }
  });
});
