import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { isFirefoxSkipped, launchFirefox, type FirefoxPage } from "./firefox.ts";
import { replayed } from "./replayed.ts";
import { SCREENSHOTS } from "./screenshots.ts";
import { serveSite, type Site } from "./site.ts";

/** Runs in the page: its parts by role and name, as far as this test goes. */
const HELPERS = `
  globalThis.partNamed = (role, name, within = document) =>
    [...within.querySelectorAll(role === "tab" ? "[role=tab]" : role)].find((one) =>
      new RegExp(name, "i").test((one.getAttribute("aria-label") ?? one.textContent).trim()));
  globalThis.press = (role, name, region) => {
    const within = region === undefined ? document : partNamed("section", "^" + region + "$");
    const found = within && partNamed(role, name, within);
    if (!found || found.disabled || found.getAttribute("aria-disabled") === "true") return false;
    found.click();
    return true;
  };
  globalThis.textOf = (region) => partNamed("section", "^" + region + "$")?.innerText ?? "";
`;
const WITHIN_MS = 120_000;

describe.skipIf(isFirefoxSkipped)("the page over the simulated world, in Firefox", () => {
  let site: Site;
  let firefox: FirefoxPage;
  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    site = await serveSite();
    firefox = await launchFirefox();
  }, 120_000);
  afterAll(async () => {
    await firefox?.close();
    await site?.close();
  });

  /** Presses what is there, as soon as it can be pressed. */
  const press = (role: "button" | "tab", name: string, region?: string): Promise<unknown> =>
    until(
      () =>
        firefox.evaluate<boolean>(
          `press(${JSON.stringify(role)}, ${JSON.stringify(name)}, ${JSON.stringify(region)})`,
        ),
      `"${name}" to be pressed`,
      WITHIN_MS,
    );

  it("an incident is solved, and its link replays to the same digest in node", async () => {
    await firefox.resize(1280, 800);
    await firefox.goto(site.url);
    await firefox.evaluate(`void (() => {${HELPERS}})()`);
    await press("button", "^start harvest$");
    await press("button", "^as fast as it goes$");
    await press("button", "^acknowledge", "Pager");
    await press("tab", "^configuration$");
    await press("button", "^roll back$", "Configuration");
    await until(
      async () => {
        await press("button", "^check$", "Drill");
        return /\bOK\b/.test(await firefox.evaluate<string>(`textOf("Drill")`));
      },
      "users to be well",
      WITHIN_MS,
    );
    await writeFile(join(SCREENSHOTS, "firefox-drill.png"), await firefox.screenshot());
    await press("button", "^end$", "Drill");
    await press("button", "^copy link", "Debrief");
    const link = await until(
      () =>
        firefox.evaluate<string>(
          `partNamed("section", "^Debrief$")?.querySelector("input[aria-label=Link]")?.value || null`,
        ),
      "the link",
      WITHIN_MS,
    );
    await writeFile(join(SCREENSHOTS, "firefox-debrief.png"), await firefox.screenshot());
    expect(await replayed(link)).toEqual({ exit: 0, equal: true });
    expect(firefox.faults).toEqual([]);
  });
});
