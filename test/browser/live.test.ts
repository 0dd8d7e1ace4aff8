import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { readPageFiles } from "../../lab/control/page-files.ts";
import { pageLink } from "../../lab/control/page-link.ts";
import { startControl } from "../../lab/control/server.ts";
import { findScenario } from "../../scenarios/index.ts";
import { site } from "../support/command.ts";
import { createFakeWorld } from "../support/fake-world.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { quietBus } from "../support/quiet-bus.ts";
import { until } from "../support/until.ts";
import { openConsole, type ConsolePage } from "./console-page.ts";
import { isSkipped, launchChromium } from "./in-chromium.ts";
import { secretsIn } from "./secrets.ts";
import { SOLUTIONS } from "./solutions.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const PAGE = readPageFiles(join(import.meta.dirname, "..", "..", "dist", "console"));

interface Control {
  readonly server: FastifyInstance;
  readonly port: number;
  readonly downs: () => number;
}

/** A lab's control API with its page, over a world without processes. */
async function control(port = 0): Promise<Control> {
  const clock = createManualClock();
  const world = createFakeWorld(clock);
  let downs = 0;
  const server = await startControl({
    port,
    token: TOKEN,
    instance: "i1",
    clock,
    listener: "127.0.0.1:1",
    world: () => world,
    drill: () => undefined,
    users: () => undefined,
    bus: quietBus(clock),
    page: PAGE,
    onDown: () => void (downs += 1),
  });
  return { server, port: (server.server.address() as AddressInfo).port, downs: () => downs };
}

describe.skipIf(isSkipped)("the page over a live lab, in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it("an incident is solved with nothing else, and nothing delivered gives it away before the end", async () => {
    const scenario = findScenario("overture");
    if (!scenario) throw new Error("there is no overture");
    const here = await site();
    writeFileSync(join(here.home, "drill.yaml"), "scenario: overture\nseed: 1\n");
    // As `npm start` at a terminal: a drill that waits for a trainee.
    const lab = here.spawn(
      "drill",
      "run",
      join(here.home, "drill.yaml"),
      "--out",
      join(here.home, "result.json"),
    );
    onTestFailed(() => console.error(lab.err));
    const link = await until(() => /http:\S+#token=\w+/.exec(lab.err)?.[0], "the link to be printed", 30_000);
    const page = await openConsole(browser, link);
    const delivered: string[] = [];
    page.page.on("response", (response) => {
      // The stream has no end while the page is open.
      if (response.url().includes("/v1/events")) return;
      void response.text().then(
        (text) => delivered.push(text),
        () => {},
      );
    });
    await page.page.reload();
    expect(page.page.url()).not.toContain("token");
    await page.acknowledge();
    await SOLUTIONS["overture"]?.(page);
    await page.diagnose({ component: "balancer", mechanism: "port-taken", scope: "everyone" });
    const before = [...delivered, await page.page.content()];
    await page.finish();
    const { code, err } = await lab.end(60_000);
    expect(code, err).toBe(0);
    // The lab is gone, and what it left stands there.
    await page.page.getByRole("status").filter({ hasText: "ended with its drill" }).waitFor();
    expect(await page.region("Debrief").innerText()).toContain(scenario.title);
    await page.close();
    expect(before.length).toBeGreaterThan(5);
    expect(before.flatMap((text) => secretsIn(text, scenario))).toEqual([]);
    expect(page.faults.filter((fault) => !fault.includes("ERR_CONNECTION_REFUSED"))).toEqual([]);
  });

  it("two act at once: both see it, and an apply over a newer version is refused with what differs", async () => {
    const here = await site();
    const lab = await here.up();
    onTestFailed(() => console.error(lab.err));
    const link = /http:\S+#token=[\w-]+/.exec(lab.err)?.[0] ?? "";
    const [first, second] = [await openConsole(browser, link), await openConsole(browser, link)];
    const versionIn = async ({ region }: ConsolePage): Promise<string | undefined> =>
      /version \d+/.exec(await region("Configuration").innerText())?.[0];
    const { out: yaml } = await here.run("config", "show");
    const theirs = yaml.replace("round-robin", "random");
    const mine = yaml.replace("round-robin", "least-connections");
    expect(new Set([yaml, theirs, mine]).size).toBe(3);

    const mineIn = await second.write(mine);
    await first.apply(theirs);
    const conflict = mineIn.getByRole("group", { name: "Conflict" });
    await second.press(mineIn.getByRole("button", { name: "Apply", exact: true }));
    expect(await mineIn.innerText()).toMatch(/version 2 is active|over version 1/);
    await conflict.waitFor();
    expect(await conflict.innerText()).toContain("Version 2 runs now");
    // What differs is there, line by line.
    await conflict.getByText("random").first().waitFor();
    await conflict.getByRole("button", { name: "Keep my text, over version 2" }).click();
    await second.press(mineIn.getByRole("button", { name: "Apply", exact: true }));
    for (const page of [first, second]) {
      await expect.poll(() => versionIn(page), { timeout: 10_000 }).toBe("version 3");
      // Whoever has not written anything has the text that runs now.
      await page.region("Configuration").getByText("least-connections").first().waitFor();
    }
    await Promise.all([first.close(), second.close()]);
    lab.signal("SIGINT");
    await lab.end(30_000);
    expect([...first.faults, ...second.faults]).toEqual([]);
  });

  it("says that its lab is gone, keeps what it had, and comes back by itself", async () => {
    const first = await control();
    const page = await openConsole(browser, pageLink(first.port, TOKEN));
    await page.region("Traffic").waitFor();
    const gone = page.page.getByRole("alert").filter({ hasText: "The lab is gone" });
    await page.open("Changes");
    await first.server.close();
    await gone.waitFor();
    expect(await page.region("Changes").isVisible()).toBe(true);
    const again = await control(first.port);
    await gone.waitFor({ state: "detached" });
    await page.close();
    await again.server.close();
  });

  it("a page of another origin can neither read it nor act in it, even with its key", async () => {
    const { server, port, downs } = await control();
    const other = createServer((_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>another</title>"),
    );
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const tried = await page.evaluate<readonly string[]>(`(async ([base, token]) => {
      const authorization = "Bearer " + token;
      const tries = [
        fetch(base + "/v1/status"),
        fetch(base + "/v1/status", { headers: { authorization } }),
        fetch(base + "/", { mode: "no-cors" }).then((answer) => answer.text()),
        fetch(base + "/v1/down", { method: "POST", headers: { authorization } }),
        fetch(base + "/v1/down", { method: "POST", mode: "no-cors" }).then((answer) => answer.text()),
        new Promise((resolve, reject) => {
          const frame = Object.assign(document.createElement("iframe"), { src: base + "/" });
          frame.onload = () => {
            try {
              resolve(frame.contentDocument.body.innerText);
            } catch (error) {
              reject(error);
            }
          };
          document.body.append(frame);
        }),
      ];
      const results = await Promise.allSettled(tries);
      return results.map(({ status, value }) => (status === "rejected" || value === "" ? "nothing" : String(value)));
    })(${JSON.stringify([`http://127.0.0.1:${port}`, TOKEN])})`);
    expect(tried).toEqual(tried.map(() => "nothing"));
    expect(downs()).toBe(0);
    await page.close();
    other.close();
    await server.close();
  });
});
