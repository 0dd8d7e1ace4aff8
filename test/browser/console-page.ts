import type { Browser, Locator, Page } from "playwright-core";
import { until } from "../support/until.ts";

/** The page's parts, as a person or a screen reader finds them: a contract, like a path of the API. */
export const TABS = ["Changes", "Units", "Configuration", "Rollout", "Query"] as const;
export type Tab = (typeof TABS)[number];
export type RegionName = Tab | "Traffic" | "Users" | "Pager" | "Drill" | "Debrief" | "Measures";

export interface ConsolePage {
  readonly page: Page;
  /** What no page may do: errors, breaches of its policy, requests to other hosts. */
  readonly faults: readonly string[];
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  region(name: RegionName): Locator;
  /** Opens the tab of this name and gives what it shows. */
  open(tab: Tab): Promise<Locator>;
  start(alias: string): Promise<void>;
  speed(name: string): Promise<void>;
  /** Waits until so many seconds of the lab's time have passed from now, and does this meanwhile. */
  pass(seconds: number, meanwhile?: () => Promise<void>): Promise<void>;
  /** Presses a button, and waits until it has done what it does. */
  press(button: Locator): Promise<void>;
  /** Waits for the page to be paged, and acknowledges it. */
  acknowledge(): Promise<void>;
  unit(verb: string, unit: string): Promise<void>;
  /** Puts this text into the configuration's editor, in place of what is there. */
  write(yaml: string): Promise<Locator>;
  apply(yaml: string): Promise<void>;
  diagnose(diagnosis: { component: string; mechanism: string; scope: string }): Promise<void>;
  /** Checks until users are well again, ends the drill, and waits for what it came to. */
  finish(): Promise<void>;
  /** The link that replays the drill. */
  link(): Promise<string>;
  close(): Promise<void>;
}

export interface PageOptions {
  /** What the link says behind its `#`. */
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
}

const PAGED_WITHIN_MS = 120_000;
const WELL_WITHIN_MS = 120_000;

/** Runs in the page before anything of its own; node's types know nothing of its globals, so as text. */
const WATCH = `
  globalThis.seenByTests = { violations: [] };
  addEventListener("securitypolicyviolation", (event) =>
    seenByTests.violations.push(event.violatedDirective + " " + event.blockedURI));
`;

/** Opens the page in a context of its own, and watches what it does. */
export async function openConsole(
  browser: Browser,
  url: string,
  {
    hash = "",
    width = 1280,
    height = 800,
    colorScheme = "light",
    reducedMotion = "no-preference",
  }: PageOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion });
  const page = await context.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => void faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const { origin, pathname, protocol } = new URL(request.url());
    if (protocol === "data:" || protocol === "blob:") return;
    if (origin === new URL(url).origin) asked.push(pathname);
    else faults.push(`request to another host: ${request.url()}`);
  });
  await page.addInitScript(WATCH);
  await page.goto(`${url}${hash && `#${hash}`}`);

  const region = (name: RegionName): Locator => page.getByRole("region", { name, exact: true });
  const button = (within: Locator | Page, name: string | RegExp): Locator =>
    within.getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) });

  async function press(what: Locator): Promise<void> {
    await what.click();
    // It keeps its place while it works, and says so.
    await until(async () => !(await isBusy(what)), "the button's action to end", 30_000);
  }

  async function open(tab: Tab): Promise<Locator> {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    return region(tab);
  }

  async function write(yaml: string): Promise<Locator> {
    const configuration = await open("Configuration");
    const editor = configuration
      .getByRole("textbox", { name: "Configuration" })
      .and(page.locator("[contenteditable]"));
    await editor.press("Control+a");
    // As a person pastes it: what the browser itself writes into a page would bring styles along.
    await editor.evaluate((element: Target, text) => {
      const { DataTransfer, ClipboardEvent } = globalThis as unknown as Clipboard;
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, yaml);
    return configuration;
  }

  return {
    page,
    faults,
    asked,
    region,
    open,
    press,
    start: (alias) => button(page, new RegExp(`^start.*\\b${alias}\\b`, "i")).click(),
    async pass(seconds, meanwhile = async () => {}) {
      const from = await labSeconds(page);
      await meanwhile();
      await until(async () => (await labSeconds(page)) >= from + seconds, `${seconds} s to pass`, 60_000);
    },
    speed: (name) => button(page, name).click(),
    acknowledge: () =>
      button(region("Pager"), /^acknowledge/i)
        .first()
        .click({ timeout: PAGED_WITHIN_MS }),
    async unit(verb, unit) {
      const units = await open("Units");
      await button(units, unit).click();
      await press(button(units, verb));
    },
    write,
    async apply(yaml) {
      await press(button(await write(yaml), "Apply"));
    },
    async diagnose(diagnosis) {
      const drill = region("Drill");
      for (const [name, word] of Object.entries(diagnosis))
        await drill.getByRole("combobox", { name }).selectOption(word);
      await press(button(drill, "Diagnose"));
    },
    async finish() {
      const drill = region("Drill");
      const until = performance.now() + WELL_WITHIN_MS;
      do {
        if (performance.now() > until) throw new Error(`users are not well: ${await drill.innerText()}`);
        await press(button(drill, "Check"));
      } while (!/\bOK\b/.test(await drill.innerText()));
      await press(button(drill, "End"));
      await region("Debrief").waitFor({ timeout: WELL_WITHIN_MS });
    },
    async link() {
      const debrief = region("Debrief");
      await press(button(debrief, /link/i).first());
      return debrief.getByRole("textbox", { name: /link/i }).first().inputValue();
    },
    async close() {
      const violations: readonly string[] = await page.evaluate("seenByTests.violations");
      faults.push(...violations.map((what) => `policy: ${what}`));
      await context.close();
    },
  };
}

const isBusy = async (button: Locator): Promise<boolean> =>
  (await button.count()) > 0 && (await button.first().getAttribute("aria-disabled")) === "true";

/** Of a page's globals, which node's types do not know. */
interface Clipboard {
  readonly DataTransfer: new () => { setData(type: string, text: string): void };
  readonly ClipboardEvent: new (type: string, init: object) => object;
}
interface Target {
  dispatchEvent(event: object): boolean;
}

/** What the clock in the page's head says. */
async function labSeconds(page: Page): Promise<number> {
  const text = await page
    .getByRole("banner")
    .getByText(/^\d\d:\d\d:\d\d UTC$/)
    .innerText();
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(" UTC", "").split(":").map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
