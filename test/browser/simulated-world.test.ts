import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker, type Bundle } from "./bundle.ts";
import { isFirefoxSkipped, launchFirefox } from "./firefox.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { digestsInNode, digestsInPage, serveWorker } from "./worker-page.ts";

/** Minified; what a page pays before its first simulated drill. */
const LIMIT_BYTES = { whole: 1_000_000, gzipped: 300_000 };

let bundle: Bundle;
/** Computed once for all browsers. */
let inNode: Awaited<ReturnType<typeof digestsInNode>>;
let page: Awaited<ReturnType<typeof serveWorker>>;
beforeAll(async () => {
  bundle = await bundleWorker();
  page = await serveWorker(bundle);
  if (!isSkipped || !isFirefoxSkipped) inNode = await digestsInNode();
}, 120_000);
afterAll(() => page?.close());

describe("the simulated world, bundled for a browser", () => {
  it("imports nothing, and lacks no module", () => {
    expect(bundle.imports).toEqual([]);
    expect(bundle.warnings).toEqual([]);
  });

  it("is small enough to be loaded by a page", () => {
    const whole = Buffer.byteLength(bundle.code);
    const gzipped = gzipSync(bundle.code).length;
    console.log(`the worker: ${whole} bytes minified, ${gzipped} gzipped`);
    expect(whole).toBeLessThan(LIMIT_BYTES.whole);
    expect(gzipped).toBeLessThan(LIMIT_BYTES.gzipped);
  });
});

describe.skipIf(isSkipped)("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it("every incident has the digest that it has in node", async () => {
    const tab = await browser.newPage();
    await tab.goto(page.url);
    expect(await digestsInPage((expression) => tab.evaluate(expression))).toEqual(inNode);
  });
});

describe.skipIf(isFirefoxSkipped)("in Firefox", () => {
  it("every incident has the digest that it has in node", async () => {
    const firefox = await launchFirefox();
    try {
      await firefox.goto(page.url);
      expect(await digestsInPage((expression) => firefox.evaluate(expression))).toEqual(
        await digestsInNode(),
      );
    } finally {
      await firefox.close();
    }
  });
});
