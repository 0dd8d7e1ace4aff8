import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serve } from "../../lab/cli/console/console-command.ts";
import { spoiltIn } from "../../lab/contract/seen.ts";
import { readPageFiles, type PageFiles } from "../../lab/control/page-files.ts";
import { startControl } from "../../lab/control/server.ts";
import schema from "../../lb/config/schema.json" with { type: "json" };
import { CodedError } from "../../runtime/errors.ts";
import { MECHANISMS, SCOPES } from "../../scenarios/diagnosis.ts";
import { SCENARIOS } from "../../scenarios/index.ts";
import { during } from "../support/cleanup.ts";
import { createFakeWorld } from "../support/fake-world.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { quietBus } from "../support/quiet-bus.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const CONSOLE = join(import.meta.dirname, "..", "..", "dashboards", "console");

let folder: string;
let page: PageFiles;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "page-"));
  await build({
    configFile: join(CONSOLE, "vite.config.ts"),
    mode: "live",
    logLevel: "error",
    build: { outDir: folder },
  });
  const read = readPageFiles(folder);
  if (!read) throw new Error("no page was built");
  page = read;
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function lab(): Promise<{ readonly port: number; readonly onDown: ReturnType<typeof vi.fn> }> {
  const clock = createManualClock();
  const world = createFakeWorld(clock);
  const onDown = vi.fn();
  const { server } = await during(
    startControl({
      port: 0,
      token: TOKEN,
      instance: "i1",
      clock,
      listener: "127.0.0.1:1",
      world: () => world,
      drill: () => undefined,
      users: () => undefined,
      bus: quietBus(clock),
      page,
      onDown,
    }),
  );
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : 0, onDown };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request with a path as it is written, and with any header fields. */
async function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Promise<Answer> {
  const asking = request({ port, host: "127.0.0.1", path, method, headers });
  asking.end();
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

describe("the page that a live lab serves", () => {
  it("is there without a key, and names its types", async () => {
    const { port } = await lab();
    const first = await ask(port, "/");
    expect(first.status).toBe(200);
    expect(first.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(first.text).toContain("<!doctype html>");
    for (const [path] of page) {
      const { status, headers } = await ask(port, path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers["content-type"]).toMatch(/^text\/(html|javascript|css)/);
    }
  });

  it("is strict with browsers in every answer, refusals and errors too", async () => {
    const { port } = await lab();
    const asset = [...page.keys()].find((path) => path.endsWith(".js")) ?? "";
    for (const [path, headers] of [
      ["/", {}],
      [asset, {}],
      ["/healthz", {}],
      ["/nothing", {}],
      ["/v1/journal", {}],
      ["/", { host: "lab.example" }],
    ] as const) {
      const { headers: said } = await ask(port, path, headers);
      const policy = String(said["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("worker-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(said).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
      });
      expect(said["access-control-allow-origin"]).toBeUndefined();
      expect(said["set-cookie"]).toBeUndefined();
    }
  });

  it("holds no word of an answer, and no worker", () => {
    // Words that a diagnosis is chosen from and the configuration's schema are the same in every lab, names in code are the editors'.
    const listed = [...Object.entries(MECHANISMS), ...Object.entries(SCOPES)].flat();
    const described = Array.from(
      JSON.stringify(schema).matchAll(/"description":("(?:[^"\\]|\\.)*")/g),
      ([, text]) => text ?? "",
    );
    const texts = Array.from(page, ([path, { bytes }]) => {
      const text = [...listed, ...described].reduce(
        (left, word) => left.replaceAll(word, ""),
        bytes.toString(),
      );
      return [path, text.replaceAll(/\.override\b|\boverride(?=:)|\boverride[A-Z]\w*/g, "")] as const;
    });
    const words = SCENARIOS.flatMap(({ id, spoilers, title }) => [id, title, ...spoilers]);
    expect(spoiltIn(texts, words)).toEqual([]);
    expect(texts.filter(([path, text]) => /worker/i.test(path) || text.includes("new Worker"))).toEqual([]);
  });

  it("is a table: no path reaches the file system", async () => {
    const { port } = await lab();
    writeFileSync(join(folder, "later.js"), "later");
    for (const path of [
      "/later.js",
      "/index.html",
      "/assets",
      "/assets/",
      "/../package.json",
      "/assets/../../package.json",
      "/assets/..%2f..%2fpackage.json",
      "/%2e%2e/%2e%2e/etc/passwd",
      "//etc/passwd",
      "/assets/%00",
    ])
      expect([path, (await ask(port, path)).status]).toEqual([path, expect.toBeOneOf([400, 404])]);
  });

  it.each([
    ["another name", { host: "lab.example" }],
    ["another name that leads here", { host: "127.0.0.1.nip.io:80" }],
    ["no port", { host: "127.0.0.1" }],
  ])("is not there under %s", async (_what, headers) => {
    const { port } = await lab();
    const { status, text } = await ask(port, "/", headers);
    expect([status, text]).toEqual([403, expect.stringContaining("HOST_REFUSED")]);
  });

  it("can be neither read nor used by a page of another origin, whatever key it has", async () => {
    const { port, onDown } = await lab();
    const other = createServer((_request, response) => void response.end("a page"));
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port: otherPort } = other.address() as { readonly port: number };
    // What a browser sends for a page of there: another port is another origin of the same site.
    const from = {
      origin: `http://127.0.0.1:${otherPort}`,
      "sec-fetch-site": "same-site",
      authorization: `Bearer ${TOKEN}`,
    };
    const asset = [...page.keys()].find((path) => path.endsWith(".js")) ?? "";
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", asset],
      ["GET", "/v1/status"],
      ["GET", "/v1/events"],
      ["OPTIONS", "/v1/down"],
      ["POST", "/v1/down"],
    ] as const) {
      const { status, headers } = await ask(port, path, from, method);
      expect([method, path, status]).toEqual([method, path, 403]);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect(onDown).not.toHaveBeenCalled();
    other.close();
  });

  it("is opened by a link from anywhere as a tab, and by nothing else; what it shows then needs its key", async () => {
    const { port } = await lab();
    const site = { "sec-fetch-site": "cross-site" };
    const status = async (path: string, more: Record<string, string>): Promise<number> =>
      (await ask(port, path, { ...site, ...more })).status;
    expect(await status("/", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" })).toBe(200);
    expect(await status("/", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" })).toBe(403);
    expect(await status("/", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" })).toBe(403);
    expect(await status("/v1/status", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" })).toBe(
      403,
    );
    expect((await ask(port, "/v1/journal")).status).toBe(401);
    expect((await ask(port, `/v1/journal?token=${TOKEN}`)).status).toBe(401);
  });
});

describe("lblab console", () => {
  const site = (mayServe: () => void = () => {}) => serve(page, { wanted: 0, fixed: false, mayServe });

  it("serves its files, lets workers start, and nothing can be changed", async () => {
    const { port, close } = await site();
    const { status, headers } = await ask(port, "/");
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toContain("worker-src 'self'");
    expect((await ask(port, "/v1/status")).status).toBe(404);
    expect((await ask(port, "/", {}, "POST")).status).toBe(401);
    await close();
  });

  it("takes another port where its own is taken, unless that one was named", async () => {
    const { port, close } = await site();
    const another = await serve(page, { wanted: port, fixed: false, mayServe: () => {} });
    expect(another.port).not.toBe(port);
    await expect(serve(page, { wanted: port, fixed: true, mayServe: () => {} })).rejects.toMatchObject({
      code: "PORT_IN_USE",
    });
    await another.close();
    await close();
  });

  it("hands nothing out while a drill runs that has begun since", async () => {
    const { port, close } = await site(() => {
      throw new CodedError("SPOILER", "a drill is running");
    });
    for (const [path] of page) {
      const { status, text } = await ask(port, path);
      expect([status, text]).toEqual([409, "a drill is running"]);
    }
    await close();
  });
});
