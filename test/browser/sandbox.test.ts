import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openConsole, type ConsolePage } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { serveSite, type Site } from "./site.ts";

const SCREENSHOTS =
  process.env["LBLAB_SCREENSHOTS"] ?? join(import.meta.dirname, "..", "..", "dist", "screenshots");
const SIZES = [
  [1280, 800],
  [1024, 768],
] as const;

const sideOf = ({ page }: ConsolePage, name: "A" | "B"): Locator =>
  page.getByRole("region", { name, exact: true });

/** Everything that axe-core finds in the page as it stands. */
async function found({ page }: ConsolePage): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(
    "axe.run(document).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))",
  );
}

describe.skipIf(isSkipped)("the sandbox, in Chromium", () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    site = await serveSite();
    browser = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it("is opened from the first page, shows what a change does at once, and is handed on by its address", async () => {
    const console = await openConsole(browser, site.url);
    const { page } = console;
    await page.getByRole("link", { name: /^Sandbox/ }).click();
    await page.getByRole("heading", { name: "Sandbox" }).waitFor();
    const [a, b] = [sideOf(console, "A"), sideOf(console, "B")];
    await a.getByRole("row", { name: /web-1.*\d+ wait/ }).waitFor();
    await b.getByText(/Picked because: it had the fewest requests in flight/).waitFor();

    await b.getByLabel("policy").selectOption("random");
    await b.getByText(/it was drawn by chance/).waitFor();
    await a.getByRole("button", { name: "web-2" }).click();
    await page.getByRole("button", { name: "Kill web-2" }).click();
    await a.getByRole("row", { name: /web-2.*dead, DOWN/ }).waitFor();

    const handedOn = page.url();
    expect(handedOn).toMatch(/#sandbox=slow-upstream&setting=[\w-]+$/);
    const other = await openConsole(browser, handedOn);
    await sideOf(other, "B")
      .getByRole("row", { name: /web-2.*dead/ })
      .waitFor();
    expect(await sideOf(other, "B").getByLabel("policy").inputValue()).toBe("random");
    expect(other.faults).toEqual([]);
    await other.close();

    await page.getByRole("link", { name: "Leave" }).click();
    await page.getByRole("link", { name: /^Sandbox/ }).waitFor();
    expect(console.faults).toEqual([]);
    await console.close();
  });

  it("stands still when its time does, and takes a change all the same", async () => {
    const console = await openConsole(browser, `${site.url}#sandbox=weights`, { reducedMotion: "reduce" });
    const { page } = console;
    await page.getByRole("button", { name: "pause", exact: true }).click();
    await page.getByRole("button", { name: "pause", exact: true, pressed: true }).waitFor();
    expect(await page.getByRole("button", { name: "Pause motion" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await page.getByLabel("weight in A").fill("7");
    await page.getByLabel("weight in A").press("Enter");
    await sideOf(console, "A")
      .getByRole("row", { name: /web-1.*weight 7/ })
      .waitFor();
    expect(console.faults).toEqual([]);
    await console.close();
  });

  it.each(["light", "dark"] as const)("axe-core finds nothing in it, %s", async (colorScheme) => {
    for (const preset of ["slow-upstream", "two-choices"]) {
      const console = await openConsole(browser, `${site.url}#sandbox=${preset}`, { colorScheme });
      const { page } = console;
      await page.getByRole("button", { name: "10×" }).click();
      await page.getByText(/^0:[1-5]\d$/).waitFor();
      expect(await found(console)).toEqual([]);
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await page.screenshot({ path: join(SCREENSHOTS, `sandbox-${preset}-${colorScheme}-${width}.png`) });
      }
      expect(console.faults).toEqual([]);
      await console.close();
    }
  });
});
