import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDrillBench, REPAIR } from "../support/fake-drill.ts";
import { keptJournal } from "../support/kept-journal.ts";
import { openConsole, type ConsolePage, type PageOptions } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { replayed } from "./replayed.ts";
import { serveSite, type Site } from "./site.ts";
import { SOLUTIONS } from "./solutions.ts";

const FASTEST = "as fast as it goes";

describe.skipIf(isSkipped)("the page over the simulated world, in Chromium", () => {
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

  /** A page that is closed again, and did nothing that no page may do. */
  async function using(run: (page: ConsolePage) => Promise<void>, options: PageOptions = {}): Promise<void> {
    const page = await openConsole(browser, site.url, options);
    try {
      await run(page);
    } finally {
      await page.close();
    }
    expect(page.faults).toEqual([]);
  }

  it.each(Object.keys(SOLUTIONS))(
    "%s is solved by names alone, and its link replays to the same digest",
    (alias) =>
      using(async (page) => {
        await page.start(alias);
        await page.speed(FASTEST);
        await page.acknowledge();
        await SOLUTIONS[alias]?.(page);
        await page.finish();
        expect(await replayed(await page.link())).toEqual({ exit: 0, equal: true });
      }),
  );

  it("has the same digest at any speed, with pauses and steps between", () =>
    using(async (page) => {
      await page.start("harvest");
      await page.pass(1);
      await page.speed("10×");
      await page.pass(10);
      await page.speed("pause");
      const step = page.page.getByRole("button", { name: "step 1 s" });
      await expect.poll(() => step.isEnabled()).toBe(true);
      await page.pass(1, () => step.click());
      await page.speed(FASTEST);
      await page.acknowledge();
      await page.speed("10×");
      await SOLUTIONS["harvest"]?.(page);
      await page.speed(FASTEST);
      await page.finish();
      expect(await replayed(await page.link())).toEqual({ exit: 0, equal: true });
    }));

  it("is solved with the keyboard alone", () =>
    using(async (page) => {
      const button = (name: string | RegExp): Locator => page.page.getByRole("button", { name });
      await pressByKey(page, button(/^start.*thistle/i));
      await pressByKey(page, button(FASTEST));
      await expect
        .poll(
          () =>
            button(/^acknowledge/i)
              .first()
              .isEnabled(),
          { timeout: 120_000, interval: 200 },
        )
        .toBe(true);
      await pressByKey(
        page,
        page
          .region("Pager")
          .getByRole("button", { name: /^acknowledge/i })
          .first(),
      );
      await reach(page, page.page.getByRole("tab", { name: "Changes" }));
      await page.page.keyboard.press("ArrowRight");
      await page.page.keyboard.press("ArrowRight");
      await pressByKey(page, page.region("Configuration").getByRole("button", { name: "Roll back" }));
      const drill = page.region("Drill");
      await expect
        .poll(
          async () => {
            await pressByKey(page, drill.getByRole("button", { name: "Check", exact: true }));
            return drill.innerText();
          },
          { timeout: 120_000, interval: 500 },
        )
        .toMatch(/\bOK\b/);
      await pressByKey(page, drill.getByRole("button", { name: "End", exact: true }));
      await page.region("Debrief").waitFor({ timeout: 120_000 });
    }));

  it("a canary catches lantern before any user is hurt, and its link replays to the same digest", () =>
    using(
      async (page) => {
        await page.start("lantern");
        const rollout = await page.open("Rollout");
        await page.speed("10×");
        await rollout.getByText("tried beside version 1").first().waitFor({ timeout: 60_000 });
        const verdicts = rollout.getByRole("list", { name: "Verdicts" });
        await verdicts.getByText("worse").first().waitFor({ timeout: 60_000 });
        await page.speed(FASTEST);
        const debrief = page.region("Debrief");
        await debrief.waitFor({ timeout: 120_000 });
        await debrief.getByText("Prevented", { exact: true }).waitFor();
        expect(await page.region("Measures").innerText()).toContain("canary prevented");
        expect(await replayed(await page.link())).toEqual({ exit: 0, equal: true });
      },
      { hash: "incident=lantern&with=canary" },
    ));

  it("a trainee aborts a canary by hand", () =>
    using(
      async (page) => {
        await page.start("harvest");
        const rollout = await page.open("Rollout");
        await page.speed("10×");
        await rollout.getByText("tried beside version 1").first().waitFor({ timeout: 60_000 });
        await page.speed("1×");
        await page.press(rollout.getByRole("button", { name: "Abort", exact: true }));
        await rollout
          .getByText(/aborted, \d\d:\d\d:\d\d: .*trainee|aborted.*by hand/)
          .waitFor({ timeout: 30_000 });
      },
      { hash: "incident=harvest&with=canary&option=canary.every%3D5" },
    ));

  it("a live drill's journal is watched by its facts, from a file", () =>
    using(async ({ page }) => {
      const bench = createDrillBench({ id: "d1" });
      await bench.runUntil("impact");
      await bench.pass(12_000);
      bench.drill.looked("changes");
      await bench.drill.act(REPAIR);
      await bench.pass(20_000);
      const buffer = Buffer.from(keptJournal(bench.journal.lines));
      const file = { name: "journal.ndjson", mimeType: "", buffer };
      await page.getByLabel(/journal of a live one/).setInputFiles(file);
      const record = page.getByRole("region", { name: "Record", exact: true });
      await record.getByText("journal: whole").waitFor();
      const noted = record.getByRole("list", { name: "What was noted" });
      expect(await noted.innerText()).toContain("config rollback");
      await record.getByRole("slider", { name: "record" }).fill("0");
      await expect.poll(() => noted.innerText()).not.toContain("config rollback");
      expect(await record.getByText("The lab is coming up.").count()).toBe(1);
      // Cut in its middle, it is said to be.
      await page.getByRole("button", { name: "Leave" }).click();
      const cut = { ...file, buffer: buffer.subarray(0, buffer.length - 20) };
      await page.getByLabel(/journal of a live one/).setInputFiles(cut);
      await record.getByText("its last line is cut off").waitFor();
    }));

  it("motion stands still at first where less of it is preferred", () =>
    using(
      async ({ page, start, region }) => {
        await start("lantern");
        await region("Traffic").waitFor();
        const running: number = await page.evaluate(
          "document.getAnimations().filter(({ playState }) => playState === 'running').length",
        );
        expect(running).toBe(0);
        const pause = region("Traffic").getByRole("button", { name: "Pause motion" });
        expect(await pause.getAttribute("aria-pressed")).toBe("true");
      },
      { reducedMotion: "reduce" },
    ));
});

/** Goes on with the tab key until it is there. */
async function reach({ page }: ConsolePage, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 300; presses++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the tab key does not come to "${await target.innerText()}"`);
}

async function pressByKey(page: ConsolePage, target: Locator): Promise<void> {
  await reach(page, target);
  await page.page.keyboard.press("Enter");
}

/** As it is asked for in a page, of whose globals node's types know nothing. */
interface Focusable {
  getRootNode(): unknown;
}

const hasFocus = (target: Locator): Promise<boolean> =>
  target.evaluate(
    (element: Focusable) => (element.getRootNode() as { activeElement?: unknown }).activeElement === element,
  );
