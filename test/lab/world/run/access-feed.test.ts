import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccessBatch } from "../../../../lab/world/access-record.ts";
import { createAccessFeed } from "../../../../lab/world/run/access-feed.ts";
import { MAX_READ_BYTES } from "../../../../lab/world/run/log-follow.ts";
import { jsonLine } from "../../../../lb/telemetry/access-line.ts";
import { balanced } from "../../../support/access-record.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { until } from "../../../support/until.ts";

let dir: string;
let path: string;
let clock: ManualClock;
let batches: AccessBatch[];
let stop: () => void;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "feed-"));
  path = join(dir, "access.log");
  clock = createManualClock();
  batches = [];
  stop = () => {};
});
afterEach(() => {
  stop();
  rmSync(dir, { recursive: true, force: true });
});

const line = (id: string): string => `${jsonLine(balanced({ requestId: id }))}\n`;
const ids = (): string[] => batches.flatMap(({ records }) => records.map(({ requestId }) => requestId));
const missed = (): boolean => batches.some((batch) => batch.missed);

function follow(): void {
  stop = createAccessFeed(path, clock)((batch) => void batches.push(batch));
}

/** Some looks at the file. They run outside of the manual clock, in the system's own time. */
async function looks(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    clock.advance(250);
    await readdir(dir);
  }
}
const read = (id: string): Promise<unknown> =>
  until(() => {
    clock.advance(250);
    return ids().includes(id);
  }, `${id} to be read`);

describe("the balancer's requests, out of its access log", () => {
  it("are those that end from now on, each once, in their order", async () => {
    writeFileSync(path, line("old"));
    follow();
    appendFileSync(path, line("a") + line("b"));
    await read("b");
    appendFileSync(path, line("c"));
    await read("c");
    expect([ids(), missed()]).toEqual([["a", "b", "c"], false]);
  });

  it("wait for the end of their line", async () => {
    writeFileSync(path, "");
    follow();
    const text = line("a");
    appendFileSync(path, text.slice(0, 40));
    await looks();
    expect(batches).toEqual([]);
    appendFileSync(path, text.slice(40) + line("b"));
    await read("b");
    expect([ids(), missed()]).toEqual([["a", "b"], false]);
  });

  it("come out of a log that is not there yet", async () => {
    follow();
    writeFileSync(path, line("a"));
    await read("a");
    expect([ids(), missed()]).toEqual([["a"], false]);
  });

  it("go on in a log that was emptied, marked as possibly incomplete", async () => {
    writeFileSync(path, line("old").repeat(5));
    follow();
    truncateSync(path);
    appendFileSync(path, line("a"));
    await read("a");
    expect([ids(), missed()]).toEqual([["a"], true]);
  });

  it("go on in a log that was put in the other's place", async () => {
    writeFileSync(path, line("old"));
    follow();
    renameSync(path, `${path}.1`);
    writeFileSync(path, line("a"));
    await read("a");
    expect(ids()).toEqual(["a"]);
  });

  it("are missed, and reported as missed, where lines are none of the format", async () => {
    writeFileSync(path, "");
    follow();
    appendFileSync(path, `rubbish\n${line("a")}{"time":7}\n`);
    await read("a");
    expect([ids(), missed()]).toEqual([["a"], true]);
  });

  it("are the newest of more than can be read at a time", async () => {
    writeFileSync(path, "");
    follow();
    const one = line("x");
    appendFileSync(path, one.repeat(Math.ceil(MAX_READ_BYTES / one.length) + 100) + line("last"));
    await read("last");
    expect(missed()).toBe(true);
    expect(ids().length).toBeLessThanOrEqual(MAX_READ_BYTES / one.length + 1);
  });

  it("come again after a line without end", async () => {
    writeFileSync(path, "");
    follow();
    appendFileSync(path, "x".repeat(100_000));
    await until(() => (clock.advance(250), missed()), "the line to be given up");
    appendFileSync(path, `the end of it\n${line("a")}`);
    await read("a");
    expect(ids()).toEqual(["a"]);
  });

  it("do not come out of a directory or a pipe, and the reader does not hang on it", async () => {
    mkdirSync(path);
    follow();
    rmSync(path, { recursive: true });
    execFileSync("mkfifo", [path]);
    await looks();
    rmSync(path);
    writeFileSync(path, line("a"));
    await read("a");
    expect(ids()).toEqual(["a"]);
  });

  it("are read for all subscribers, and no more without any", async () => {
    writeFileSync(path, "");
    const feed = createAccessFeed(path, clock);
    const others: AccessBatch[] = [];
    const stopOther = feed((batch) => void others.push(batch));
    stop = feed((batch) => void batches.push(batch));
    appendFileSync(path, line("a"));
    await read("a");
    expect(others).toEqual(batches);
    stopOther();
    stop();
    expect(clock.pending).toBe(0);
  });
});
