import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createChangeLog } from "../../../../lb/config/rollout/change-log.ts";
import { lastBaked } from "../../../../lb/config/rollout/change-state.ts";
import { lineFile, type LineLog } from "../../../../lb/config/rollout/line-log.ts";
import { silentLog } from "../../../../runtime/log.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "change-log-"));
  path = join(directory, "lb.yaml.changes.ndjson");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

let lost = 0;
const open = (lines: LineLog = lineFile(path)) =>
  createChangeLog(lines, { clock: createManualClock(), log: silentLog, onLost: () => (lost += 1) });
const applied = (version: number, sha256 = `text ${version}`) =>
  ({ event: "applied", way: "apply", version, sha256, author: "ann", reason: "" }) as const;

it("goes on with its chain and its state in another process", () => {
  const first = open();
  expect(first.begun).toBe(false);
  first.append({ event: "began", version: 1, sha256: "text 1" });
  first.append({ event: "frozen", by: "ann", reason: "the sale" });
  const second = open();
  second.append(applied(2));
  expect(second.inspect()).toMatchObject({
    damage: undefined,
    torn: false,
    lines: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
  });
  expect(second.state).toMatchObject({ inForce: { version: 2 }, freeze: { by: "ann" } });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("takes back what was written down and did not take effect", () => {
  const log = open();
  log.append({ event: "began", version: 1, sha256: "text 1" });
  log.append(applied(2));
  log.append({ event: "failed", version: 2, message: "no space left" });
  expect(log.state.inForce).toEqual({ version: 1, sha256: "text 1" });
});

it("knows the last version that has baked, by its text", () => {
  const log = open();
  log.append({ event: "began", version: 1, sha256: "text 1" });
  log.append(applied(2));
  expect(lastBaked(log.state, "text 2")).toMatchObject({ version: 1 });
  log.append({ event: "baked", version: 2, sha256: "text 2" });
  log.append(applied(3));
  expect(lastBaked(log.state, "text 3")).toMatchObject({ version: 2 });
  log.append(applied(4, "text 1"));
  expect(lastBaked(log.state, "text 1")).toMatchObject({ version: 2 });
});

it("removes a line that its writer was cut off in, and says meanwhile that it is there", () => {
  open().append({ event: "began", version: 1, sha256: "text 1" });
  appendFileSync(path, '{"seq":2,"at":"20');
  const log = open();
  expect(log.inspect()).toMatchObject({ torn: true, damage: undefined, lines: [{ seq: 1 }] });
  log.append(applied(2));
  expect(log.inspect()).toMatchObject({ torn: false, damage: undefined, lines: [{ seq: 1 }, { seq: 2 }] });
});

it.each([
  ["a line that was changed", (text: string) => text.replace('"version":1', '"version":7'), 2],
  ["a line that was taken out", (text: string) => text.replace(/^.*\n/, ""), 1],
  ["two lines in another order", (text: string) => text.replace(/^(.*\n)(.*\n)/, "$2$1"), 1],
  ["a line that is none", (text: string) => `nonsense\n${text}`, 1],
])("shows %s", (_what, damage, line) => {
  const log = open();
  log.append({ event: "began", version: 1, sha256: "text 1" });
  log.append(applied(2));
  log.append(applied(3));
  writeFileSync(path, damage(readFileSync(path, "utf8")));
  expect(log.inspect().damage?.line).toBe(line);
  // It goes on all the same: a log that is broken is no reason to write nothing more.
  expect(open().state.inForce?.version).toBe(3);
});

it("says that the disk is full, and counts the lines that are lost without harm", () => {
  const full: LineLog = {
    read: () => "",
    append() {
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    },
  };
  const log = open(full);
  expect(() => log.append(applied(1))).toThrow(expect.objectContaining({ code: "DISK" }));
  lost = 0;
  log.note(applied(1));
  expect([lost, log.begun, log.state.inForce]).toEqual([1, false, undefined]);
});
