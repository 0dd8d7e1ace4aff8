import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCENARIOS } from "../../scenarios/index.ts";
import { openConsole } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { secretsIn } from "./secrets.ts";
import { serveSite, type Site } from "./site.ts";

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
      const text = await site.read(path);
      expect(SCENARIOS.flatMap((scenario) => secretsIn(text, scenario))).toEqual([]);
    }
  });
});
