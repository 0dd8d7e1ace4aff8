import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCENARIOS } from "../../scenarios/index.ts";
import { openConsole } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { secretsIn } from "./secrets.ts";
import { serveSite, type Site } from "./site.ts";

describe("what a lab serves of its page, whoever asks for whichever file", () => {
  it("gives no incident away: there is no worker among it", async () => {
    const dir = join(import.meta.dirname, "..", "..", "dist", "console");
    const files = (await readdir(dir, { recursive: true })).filter((path) => /\.\w+$/.test(path));
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((path) => path.includes("worker"))).toEqual([]);
    for (const path of files) {
      const text = await readFile(join(dir, path), "utf8");
      // Words that are an incident's are also an editor's: `override` is an option of its completion.
      const isEditor = path.includes("editor-kit");
      const found = SCENARIOS.flatMap(({ id, spoilers }) =>
        secretsIn(text, { id, spoilers: isEditor ? [] : spoilers }),
      );
      expect([path, ...found]).toEqual([path]);
    }
  });
});

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
