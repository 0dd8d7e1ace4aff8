import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openConsole, TABS, type ConsolePage } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { SCREENSHOTS } from "./screenshots.ts";
import { serveSite, type Site } from "./site.ts";
import { SOLUTIONS } from "./solutions.ts";

const SIZES = [
  [1280, 800],
  [1024, 768],
] as const;
const ALIAS = "harvest";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** Everything that axe-core finds in the page as it stands. */
async function found({ page }: ConsolePage): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations: readonly Violation[] = await page.evaluate(
    "axe.run(document).then(({ violations }) => violations)",
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}

describe.skipIf(isSkipped)("the page for everyone, in Chromium", () => {
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

  it.each(["light", "dark"] as const)("axe-core finds nothing in any region, %s", async (colorScheme) => {
    const page = await openConsole(browser, site.url, { colorScheme });
    const faults: Record<string, readonly string[]> = {};
    /** Judges the page as it stands, and takes a picture of a part of it in both sizes. */
    async function look(name: string, part?: Locator): Promise<void> {
      const violations = await found(page);
      if (violations.length > 0) faults[name] = violations;
      for (const [width, height] of SIZES) {
        await page.page.setViewportSize({ width, height });
        const path = join(SCREENSHOTS, `${name.toLowerCase()}-${colorScheme}-${width}.png`);
        await (part ?? page.page).screenshot({ path });
      }
    }

    await look("first");
    await page.start(ALIAS);
    await page.speed("as fast as it goes");
    await page.acknowledge();
    await page.speed("1×");
    await page.pass(2);
    await look("drill");
    for (const name of ["Traffic", "Users", "Pager", "Drill"] as const)
      await look(`region-${name}`, page.region(name));
    for (const tab of TABS) await look(`region-${tab}`, await page.open(tab));
    await page.speed("as fast as it goes");
    await SOLUTIONS[ALIAS]?.(page);
    await page.finish();
    await look("region-Debrief", page.region("Debrief"));
    await page.close();
    expect(faults).toEqual({});
    expect(page.faults).toEqual([]);
  });
});
