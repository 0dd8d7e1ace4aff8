import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, expect, it } from "vitest";
import type { DockerEngine } from "../../../../lab/world/docker/engine.ts";
import { createDockerLauncher } from "../../../../lab/world/docker/launcher.ts";
import type { ProcessExit, UnitMessage } from "../../../../lab/world/launch.ts";
import { MESSAGE_PREFIX } from "../../../../runtime/unit-process.ts";
import { LEASE_EVERY_MS } from "../../../../runtime/supervisor-input.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { until } from "../../../support/until.ts";

/** A promise that the test settles. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A container that the test starts and ends, and what was done to it. */
function bench(ids: readonly (readonly [string, string])[] = [["web-1", "id-1"]]) {
  const dir = mkdtempSync(join(tmpdir(), "lblab-launcher-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const calls: string[] = [];
  const written: string[] = [];
  const clock = createManualClock();
  const started = deferred<void>();
  const exited = deferred<number>();
  const silent = deferred<void>();
  let line: (text: string) => void = () => {};
  const engine = {
    follow: async (id: string, run: typeof line) => {
      calls.push(`follow ${id}`);
      line = run;
      return { ended: silent.promise, write: (text: string) => void written.push(text) };
    },
    start: async (id: string) => {
      calls.push(`start ${id}`);
      await started.promise;
    },
    wait: () => exited.promise,
    signal: async (id: string, name: string) => void calls.push(`${name} ${id}`),
    pid: async () => 42,
    create: async ({ unit, machine }: { unit: string; machine: string }) => {
      calls.push(`create ${unit} in ${machine}`);
      return `made-${unit}`;
    },
  } as unknown as DockerEngine;
  const messages: UnitMessage[] = [];
  const exits: ProcessExit[] = [];
  const launch = createDockerLauncher(
    {
      unitsDir: dir,
      logsDir: dir,
      image: "lab",
      user: "1000:1000",
      inside: (unit, config) => ({ ...config, seenBy: unit }),
      keys: { origin: "secret-origin", way: "secret-way", nonce: "secret-nonce" },
    },
    { clock, engine, ids: new Map(ids) },
  );
  const begin = () =>
    launch(
      { unit: "web-1", program: "backend", config: { port: 9101 }, keys: ["origin"] },
      { message: (message) => messages.push(message), exit: (exit) => exits.push(exit) },
    );
  const process = begin();
  return {
    begin,
    clock,
    written,
    calls,
    messages,
    exits,
    process,
    started,
    exited,
    silent,
    say: (text: string) => line(text),
    log: () => readFileSync(join(dir, "web-1.log"), "utf8"),
    config: () => JSON.parse(readFileSync(join(dir, "web-1.json"), "utf8")) as unknown,
  };
}

it("a container's output is attached before it starts, and it finds its configuration with the addresses of inside", async () => {
  const { calls, config, started, process } = bench();
  started.resolve();
  await until(() => process.pid === 42, "the container to run");
  expect(calls).toEqual(["follow id-1", "start id-1"]);
  expect(config()).toEqual({ port: 9101, seenBy: "web-1", name: "web-1" });
});

it("a message is taken and kept out of the log, and everything else is in it, half a message too", async () => {
  const { messages, say, log, calls } = bench();
  await until(() => calls.includes("follow id-1"), "the container to be listened to");
  say("begins");
  say(`${MESSAGE_PREFIX}{"type":"ready","port":9101}`);
  say('a line about {"type":"ready"}');
  say(`${MESSAGE_PREFIX}{"type":"rea`);
  expect(messages).toEqual([{ type: "ready", port: 9101 }]);
  expect(log()).toBe(`begins\na line about {"type":"ready"}\n${MESSAGE_PREFIX}{"type":"rea\n`);
});

it.each([
  [0, { code: 0, signal: undefined }],
  [1, { code: 1, signal: undefined }],
  [137, { code: undefined, signal: "SIGKILL" }],
  [143, { code: undefined, signal: "SIGTERM" }],
])("an end with %d is reported after the last line, as %j", async (code, exit) => {
  const { exits, started, exited, silent, say, log } = bench();
  started.resolve();
  exited.resolve(code);
  await new Promise(setImmediate);
  expect(exits).toEqual([]);
  say("last words");
  silent.resolve();
  await until(() => exits.length > 0, "the end");
  expect(exits).toEqual([exit]);
  expect(log()).toContain("last words");
});

it("a signal that comes before the container runs reaches it when it does", async () => {
  const { calls, started, process } = bench();
  process.signal("SIGTERM");
  await until(() => calls.includes("start id-1"), "the start");
  expect(calls).not.toContain("SIGTERM id-1");
  started.resolve();
  await until(() => calls.includes("SIGTERM id-1"), "the signal");
  process.signal("SIGKILL");
  expect(calls.at(-1)).toBe("SIGKILL id-1");
});

it("a reload writes the new configuration before the process is signalled to read it", async () => {
  const { calls, started, process, config } = bench();
  started.resolve();
  await until(() => process.pid === 42, "the container to run");
  process.reload({ port: 9102 });
  expect(config()).toMatchObject({ port: 9102 });
  expect(calls.at(-1)).toBe("SIGHUP id-1");
});

it("a unit that Compose did not make runs on the balancer's machine", async () => {
  const { calls, started } = bench([["host", "id-host"]]);
  started.resolve();
  await until(() => calls.includes("start made-web-1"), "its start");
  expect(calls[0]).toBe("create web-1 in id-host");
});

it("an engine that cannot start a container is the unit's end, with the reason", async () => {
  const { exits, started } = bench();
  started.reject(new Error("no such image"));
  await until(() => exits.length > 0, "the end");
  expect(exits).toEqual([{ code: undefined, signal: undefined, error: "no such image" }]);
});

it("a unit gets its private line on standard input once it runs, anew at each start", async () => {
  const { begin, calls, written, started, process, config } = bench();
  await until(() => calls.includes("start id-1"), "the start");
  expect(written).toEqual([]);
  started.resolve();
  await until(() => process.pid === 42, "the container to run");
  const again = begin();
  await until(() => again.pid === 42, "the container to run again");
  const privateLine = {
    config: { port: 9101, seenBy: "web-1", name: "web-1" },
    keys: { origin: "secret-origin" },
  };
  expect(written).toEqual([`${JSON.stringify(privateLine)}\n`, `${JSON.stringify(privateLine)}\n`]);
  expect(JSON.stringify([config(), calls])).not.toContain("secret");
});

it("the lease of a container is renewed while it runs, and not after", async () => {
  const { clock, written, started, exited, silent, exits, process } = bench();
  started.resolve();
  await until(() => process.pid === 42, "the container to run");
  clock.advance(2 * LEASE_EVERY_MS);
  expect(written.slice(1)).toEqual(["\n", "\n"]);
  exited.resolve(0);
  silent.resolve();
  await until(() => exits.length > 0, "the end");
  clock.advance(2 * LEASE_EVERY_MS);
  expect(written).toHaveLength(3);
});
