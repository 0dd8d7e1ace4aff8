import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

const PLACES = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

/** Where Firefox is: LBLAB_FIREFOX, else where Debian and others put it. Undefined: it is not installed. */
function findFirefox(): string | undefined {
  const given = process.env["LBLAB_FIREFOX"];
  return given !== undefined && given !== "" ? given : PLACES.find((path) => existsSync(path));
}

const executablePath = findFirefox();

/** True where nothing can be run in Firefox, and nobody insists. */
export const isFirefoxSkipped =
  executablePath === undefined && process.env["LBLAB_REQUIRE_FIREFOX"] === undefined;

if (isFirefoxSkipped)
  console.warn(
    "no Firefox is installed, so nothing is run in it: apt-get install firefox-esr, or LBLAB_FIREFOX",
  );

/** One page of a Firefox, driven over WebDriver BiDi. */
export interface FirefoxPage {
  /** Errors that scripts of the page threw, or wrote to its console. */
  readonly faults: readonly string[];
  goto(url: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** What an expression of the page comes to, promises awaited; only what JSON can say comes back. Rejects when it throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** PNG of what is seen. */
  screenshot(): Promise<Buffer>;
  close(): Promise<void>;
}

const UP_WITHIN_MS = 60_000;

/** Starts a Firefox without a window, in a profile of its own that ends with it. */
export async function launchFirefox(): Promise<FirefoxPage> {
  if (executablePath === undefined) throw new Error("CI needs Firefox: apt-get install firefox-esr");
  const profile = mkdtempSync(join(tmpdir(), "lblab-firefox-"));
  // Nothing of it asks other hosts for anything.
  writeFileSync(
    join(profile, "user.js"),
    [
      'user_pref("app.update.auto", false);',
      'user_pref("browser.startup.homepage_override.mstone", "ignore");',
      'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
      'user_pref("network.captive-portal-service.enabled", false);',
      'user_pref("network.connectivity-service.enabled", false);',
      'user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");',
      'user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);',
      "",
    ].join("\n"),
  );
  const child = spawn(
    executablePath,
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: profile, MOZ_DISABLE_CONTENT_SANDBOX: "1" },
    },
  );
  async function end(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
  try {
    const socket = new WebSocket(`${await endpointOf(child)}/session`);
    await once(socket, "open");
    return await openPage(socket, end);
  } catch (error) {
    await end();
    throw error;
  }
}

/** The address that it prints once it can be driven. Rejects when it ends instead, or is not up in time. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`Firefox is not up: ${text}`)), UP_WITHIN_MS);
    child.stderr?.on("data", (chunk: Buffer) => {
      text += String(chunk);
      const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(text)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    child.once("exit", () => {
      clearTimeout(timer);
      reject(new Error(`Firefox ended: ${text}`));
    });
  });
}

interface Answer {
  readonly id?: number | null;
  readonly type: "success" | "error" | "event";
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly method?: string;
  readonly params?: { readonly level?: string; readonly text?: string | null };
}

async function openPage(socket: WebSocket, end: () => Promise<void>): Promise<FirefoxPage> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const faults: string[] = [];
  let last = 0;
  socket.on("message", (data: Buffer) => {
    const { id, type, result, error, message, method, params } = JSON.parse(String(data)) as Answer;
    if (method === "log.entryAdded" && params?.level === "error") faults.push(params.text ?? "an error");
    const call = typeof id === "number" ? waiting.get(id) : undefined;
    if (typeof id !== "number" || !call) return;
    waiting.delete(id);
    if (type === "error") call.reject(new Error(`${error}: ${message}`));
    else call.resolve(result);
  });
  socket.on("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("Firefox ended"));
    waiting.clear();
  });
  function send<T>(method: string, params: object): Promise<T> {
    const id = (last += 1);
    return new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
  }

  await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["log.entryAdded"] });
  const { contexts } = await send<{ contexts: readonly { context: string }[] }>(
    "browsingContext.getTree",
    {},
  );
  const context = contexts[0]?.context;
  if (context === undefined) throw new Error("Firefox has no page");

  return {
    faults,
    goto: async (url) => void (await send("browsingContext.navigate", { context, url, wait: "complete" })),
    resize: async (width, height) =>
      void (await send("browsingContext.setViewport", { context, viewport: { width, height } })),
    async evaluate<T>(expression: string) {
      const answer = await send<{
        readonly type: "success" | "exception";
        readonly result?: { readonly value?: string };
        readonly exceptionDetails?: { readonly text: string };
      }>("script.evaluate", {
        // As text, since the protocol has a language of its own for values.
        expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value) ?? "null")`,
        target: { context },
        awaitPromise: true,
      });
      if (answer.type === "exception") throw new Error(answer.exceptionDetails?.text);
      return JSON.parse(answer.result?.value ?? "null") as T;
    },
    async screenshot() {
      const { data } = await send<{ data: string }>("browsingContext.captureScreenshot", { context });
      return Buffer.from(data, "base64");
    },
    async close() {
      socket.terminate();
      await end();
    },
  };
}
