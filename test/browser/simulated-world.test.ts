import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RESPONDERS } from "../../lab/responders/index.ts";
import { simulateDrill } from "../../lab/simulate/simulate-drill.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { playbookAt } from "../../scenarios/playbook.ts";
import { bundleWorker, type Bundle } from "./bundle.ts";
import { findChromium } from "./chromium.ts";
import type { Asked, Lived } from "./worker.ts";

const DASHBOARDS = join(import.meta.dirname, "..", "..", "dashboards");
const SEED = 1;
const executablePath = findChromium();
const isSkipped = executablePath === undefined && process.env["LBLAB_REQUIRE_CHROMIUM"] === undefined;

/** Minified; what a page pays before its first simulated drill. */
const LIMIT_BYTES = { whole: 1_000_000, gzipped: 300_000 };

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleWorker();
});

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

if (isSkipped)
  console.warn(
    "no Chromium is installed, so nothing is run in it: apt-get install chromium, or LBLAB_CHROMIUM",
  );

describe.skipIf(isSkipped)("in Chromium", () => {
  let browser: Browser;
  let server: Server;
  beforeAll(async () => {
    if (executablePath === undefined) throw new Error("CI needs Chromium: apt-get install chromium");
    server = createServer(({ url }, response) => {
      const isScript = url === "/worker.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? bundle.code : "<!doctype html><title>worker</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it("every incident has the digest that it has in node", async () => {
    const platform = nodePlatform(DASHBOARDS);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const asked: Asked = { texts: platform.texts, seed: SEED };
    // Evaluated in the page, whose globals node's types know nothing of: so as text.
    const run = `asked => new Promise((resolve, reject) => {
      const worker = new Worker("/worker.js", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (error) => reject(new Error(error.message));
      worker.postMessage(asked);
    })`;
    const answer: readonly Lived[] | string = await page.evaluate(`(${run})(${JSON.stringify(asked)})`);
    if (typeof answer === "string") throw new Error(answer);
    for (const { scenario, requests, ms } of answer)
      console.log(`${scenario}: ${requests} requests in ${ms / 1000} s`);

    const inNode = [];
    for (const scenario of SCENARIOS) {
      const responder = RESPONDERS.report.create(playbookAt(scenario, "drill"));
      const { digest } = await simulateDrill(scenario, { seed: SEED, platform, responder });
      inNode.push([scenario.id, digest]);
    }
    expect(answer.map(({ scenario, digest }) => [scenario, digest])).toEqual(inNode);
  });
});
