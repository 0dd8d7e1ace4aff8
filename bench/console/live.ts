import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { events } from "../../lab/events/client.ts";
import { sleep, systemClock } from "../../runtime/clock.ts";
import type { Figure } from "../bars/bar.ts";
import { rendererSeconds } from "./renderer.ts";

const PORT_BASE = "31000";
const SETTLE_MS = 6000;
const STRETCH_MS = 10_000;
const PAGES = 20;
/** Linux counts processor time in these, whatever its timer does. */
const TICKS_PER_SECOND = 100;

/** A page over a lab with its usual load, and what the lab's supervisor spends on it and on twenty. */
export async function overLiveLab(
  browser: Browser,
  dist: string,
  heapGrown: (page: Page) => Promise<number>,
): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lblab-bench-"));
  const lab = spawn(
    process.execPath,
    [join(dist, "lab/cli/main.js"), "--dir", home, "--port-base", PORT_BASE, "up", "--foreground"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  try {
    const link = await linkOf(lab);
    return await measured(browser, { link, pid: lab.pid ?? 0, heapGrown });
  } finally {
    if (lab.exitCode === null) {
      lab.kill("SIGINT");
      await once(lab, "exit");
    }
    rmSync(home, { recursive: true, force: true });
  }
}

interface Measuring {
  readonly link: string;
  /** Of the supervisor. */
  readonly pid: number;
  /** MB that an open page holds more after a while. */
  readonly heapGrown: (page: Page) => Promise<number>;
}

async function measured(browser: Browser, { link, pid, heapGrown }: Measuring): Promise<Figure[]> {
  await sleep(systemClock, SETTLE_MS);
  const alone = await percentOf(() => processorSeconds(pid));
  const page = await browser.newPage();
  await page.goto(link);
  await page.getByRole("region", { name: "Traffic" }).waitFor();
  await sleep(systemClock, SETTLE_MS);
  const [moving, served] = await Promise.all([
    percentOf(() => rendererSeconds(browser)),
    percentOf(() => processorSeconds(pid)),
  ]);
  await page.getByRole("button", { name: "Pause motion" }).click();
  await sleep(systemClock, SETTLE_MS / 2);
  const still = await percentOf(() => rendererSeconds(browser));
  await page.getByRole("button", { name: "Pause motion" }).click();
  const grown = await heapGrown(page);
  await page.close();
  const { origin, hash } = new URL(link);
  const cancels = Array.from({ length: PAGES }, () =>
    events({ base: origin, token: hash.replace("#token=", ""), clock: systemClock }, () => {}),
  );
  await sleep(systemClock, SETTLE_MS / 2);
  const servedAll = await percentOf(() => processorSeconds(pid));
  cancels.forEach((cancel) => cancel());
  const under = (than: number): NonNullable<Figure["bar"]> => ({ is: "under", than });
  return [
    { what: "of a core, page over a live lab, motion on", value: moving, unit: "%", bar: under(10) },
    { what: "of a core, page over a live lab, motion off", value: still, unit: "%", bar: under(2) },
    {
      what: "heap of it, over that after two minutes",
      value: grown,
      unit: "MB",
      bar: { is: "at most", than: 20 },
    },
    { what: "of a core, supervisor without a page", value: alone, unit: "%" },
    { what: "of a core, supervisor for one page", value: served - alone, unit: "%", bar: under(2) },
    { what: `of a core, supervisor for ${PAGES} pages`, value: servedAll - alone, unit: "%", bar: under(5) },
  ];
}

/** The link that the lab prints once it is on its way up. Rejects when it ends instead. */
function linkOf(lab: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    lab.stderr?.on("data", (chunk: Buffer) => {
      text += String(chunk);
      const link = /http:\S+#token=[\w-]+/.exec(text)?.[0];
      if (link !== undefined && text.includes("the lab is up")) resolve(link);
    });
    lab.once("exit", () => reject(new Error(`the lab did not come up: ${text}`)));
  });
}

/** Of a core, in percent, over a stretch of time. */
async function percentOf(seconds: () => number | Promise<number>): Promise<number> {
  const [before, begun] = [await seconds(), systemClock.now()];
  await sleep(systemClock, STRETCH_MS);
  return (100 * ((await seconds()) - before)) / ((systemClock.now() - begun) / 1000);
}

function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [utime = 0, stime = 0] = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (utime + stime) / TICKS_PER_SECOND;
}
