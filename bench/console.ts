import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium, type Browser, type Page } from "playwright-core";
import { messageOf } from "../runtime/errors.ts";
import { sleep, systemClock } from "../runtime/clock.ts";
import { met, type Figure } from "./bars/bar.ts";
import { overLiveLab } from "./console/live.ts";
import { rateInNode, rateInPage } from "./console/rates.ts";
import { rendererSeconds } from "./console/renderer.ts";
import { openSite, type BuiltSite } from "./console/site-server.ts";

/**
 * `npm run bench:console [-- --heap-minutes N] [--json]`: what the console is held to, each figure beside its bar: sizes, time to
 * be interactive, what a simulated drill and a live lab's page cost, and the heaps of both after N minutes, the simulated one at 10 times the pace. Exit code 4 when a bar is missed, 2 for a
 * wrong argument. Chromium is LBLAB_CHROMIUM, or where Debian puts it.
 */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const ALIAS = "lantern";
const RATE_SECONDS = 120;
const STRETCH_MS = 10_000;
/** The heap has its level once everything was drawn. */
const LEVEL_MINUTES = 2;

/** Keeps how long each frame's own callbacks took. */
const WATCH_FRAMES = `
  globalThis.frames = { count: 0, longestMs: 0, longestTaskMs: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) frames.longestTaskMs = Math.max(frames.longestTaskMs, duration);
  }).observe({ type: "longtask" });
  const native = requestAnimationFrame;
  globalThis.requestAnimationFrame = (run) => native((at) => {
    const begun = performance.now();
    run(at);
    frames.count += 1;
    frames.longestMs = Math.max(frames.longestMs, performance.now() - begun);
  });
`;

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { "heap-minutes": { type: "string", default: "5" }, json: { type: "boolean", default: false } },
  });
  const minutes = Number(values["heap-minutes"]);
  if (!(minutes > LEVEL_MINUTES && minutes <= 120))
    throw new Error(`--heap-minutes: a number over ${LEVEL_MINUTES}, up to 120`);
  const site = await openSite(join(ROOT, "dist", "site"));
  const executablePath = process.env["LBLAB_CHROMIUM"] ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  let figures: readonly Figure[];
  try {
    figures = [
      ...(await firstVisit(browser, site)),
      ...(await atFullSpeed(browser, site)),
      ...(await overLiveLab(browser, join(ROOT, "dist"), (page) => heapGrown(page, minutes))),
      ...(await atPaceOne(browser, site, minutes)),
    ];
  } finally {
    await browser.close();
    site.close();
  }
  if (values.json) console.log(JSON.stringify({ schemaVersion: 1, figures }, undefined, 2));
  else print(figures);
  return figures.every(met) ? 0 : 4;
}

function atMost(than: number): NonNullable<Figure["bar"]> {
  return { is: "at most", than };
}

/** What a visitor is sent, and when they can begin. */
async function firstVisit(browser: Browser, site: BuiltSite): Promise<Figure[]> {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname.slice(1) || "index.html"));
  await page.goto(site.url);
  await page
    .getByRole("button", { name: /^start/i })
    .first()
    .waitFor();
  const interactiveMs = await page.evaluate<number>("performance.now()");
  await page.close();
  const shell = site.files.filter((path) => asked.includes(path));
  const worker = site.files.filter((path) => /(?:^|\/)worker-/.test(path));
  const later = site.files.filter(
    (path) => /\.(?:js|css)$/.test(path) && !shell.includes(path) && !worker.includes(path),
  );
  return [
    { what: "shell", value: site.gzippedKb(shell), unit: "kB gzipped", bar: atMost(60) },
    { what: "editors", value: site.gzippedKb(later.filter(isEditor)), unit: "kB gzipped", bar: atMost(170) },
    {
      what: "charts and words, when wanted",
      value: site.gzippedKb(later.filter((path) => !isEditor(path))),
      unit: "kB gzipped",
    },
    { what: "worker", value: site.gzippedKb(worker), unit: "kB gzipped", bar: atMost(300) },
    { what: "interactive over the loopback", value: interactiveMs / 1000, unit: "s", bar: atMost(1.5) },
  ];
}

function isEditor(path: string): boolean {
  return path.includes("editor-kit-");
}

/** A drill as fast as it goes, beside node in the same run. */
async function atFullSpeed(browser: Browser, site: BuiltSite): Promise<Figure[]> {
  const workerPath = site.files.find((path) => /(?:^|\/)worker-.*\.js$/.test(path));
  if (workerPath === undefined) throw new Error("the site has no worker: npm run site");
  const page = await browser.newPage();
  await page.goto(site.url);
  const inPage = await rateInPage(page, workerPath, ALIAS, RATE_SECONDS);
  await page.close();
  const inNode = await rateInNode(ALIAS, RATE_SECONDS, join(ROOT, "dashboards"));
  return [
    { what: "virtual seconds a second, in the page", value: inPage, unit: "" },
    { what: "virtual seconds a second, in node", value: inNode, unit: "" },
    {
      what: "of node's rate, as fast as it goes",
      value: (100 * inPage) / inNode,
      unit: "%",
      bar: { is: "at least", than: 50 },
    },
  ];
}

interface Frames {
  readonly count: number;
  readonly longestMs: number;
  /** 0: none was longer than 50. */
  readonly longestTaskMs: number;
}

/** An open page at pace 1: the processor, frames, and the heap after a while. */
async function atPaceOne(browser: Browser, site: BuiltSite, minutes: number): Promise<Figure[]> {
  const page = await browser.newPage();
  await page.addInitScript(WATCH_FRAMES);
  await page.goto(site.url);
  await page
    .getByRole("button", { name: new RegExp(`^start.*${ALIAS}`, "i") })
    .first()
    .click();
  await sleep(systemClock, STRETCH_MS);
  const before = await rendererSeconds(browser);
  await sleep(systemClock, STRETCH_MS);
  const share = (await rendererSeconds(browser)) - before;
  const frames = await page.evaluate<Frames>("frames");
  await page.getByRole("button", { name: "10×" }).click();
  const grown = await heapGrown(page, minutes);
  await page.close();
  return [
    {
      what: "of a core, page and worker at pace 1",
      value: (100 * share * 1000) / STRETCH_MS,
      unit: "%",
      bar: { is: "under", than: 15 },
    },
    { what: "longest script of a frame", value: frames.longestMs, unit: "ms", bar: atMost(8) },
    // Tasks of 50 ms and less are not reported by the browser.
    { what: "longest task of the page over 50 ms", value: frames.longestTaskMs, unit: "ms", bar: atMost(50) },
    { what: "frames drawn", value: frames.count, unit: "" },
    {
      what: `heap after ${minutes} minutes at 10x, over that after two`,
      value: grown,
      unit: "MB",
      bar: atMost(20),
    },
  ];
}

/** How much more an open page holds after so many minutes than after two. */
async function heapGrown(page: Page, minutes: number): Promise<number> {
  await sleep(systemClock, LEVEL_MINUTES * 60_000);
  const level = await heapMb(page);
  await sleep(systemClock, (minutes - LEVEL_MINUTES) * 60_000);
  return (await heapMb(page)) - level;
}

/** What the page itself holds once garbage is gone; its worker has a heap of its own. */
async function heapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize / 1e6;
}

function print(figures: readonly Figure[]): void {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`);
  for (const figure of figures) {
    const { what, value, unit, bar } = figure;
    const held = bar === undefined ? "" : `${bar.is} ${bar.than}: ${met(figure) ? "met" : "NOT MET"}`;
    console.log(`${what.padEnd(46)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(11)} ${held}`);
  }
}
