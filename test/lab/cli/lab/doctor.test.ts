import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  checkDisk,
  checkMemory,
  checkNode,
  checkRequests,
  checkRuns,
  checkTimers,
} from "../../../../lab/cli/lab/doctor-checks.ts";
import { doctorExitCode, doctorTable } from "../../../../lab/cli/lab/doctor.ts";
import { claimRunDir, type RunDir } from "../../../../lab/world/run/run-dir.ts";
import { sleep, systemClock, type Clock } from "../../../../runtime/clock.ts";
import { settled } from "../../../support/fake-world.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lab-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test.each([
  ["18.20.0", "block"],
  ["20.18.3", "block"],
  ["20.19.0", "warn"],
  ["20.20.2", "warn"],
  ["22.12.0", "ok"],
  ["24.21.0", "ok"],
])("Node %s: %s", (version, status) => {
  expect(checkNode(version).status).toBe(status);
});

test("Node 20 is reported as out of support", () => {
  expect(checkNode("20.20.2").detail).toContain("out of support since 2026-04");
});

/** A clock whose timers fire late, by what `lateness` says of each in turn. */
function stutteringClock(lateness: (turn: number) => number): Clock {
  let now = 0;
  let turn = 0;
  return {
    now: () => now,
    wall: () => now,
    after(ms, run) {
      queueMicrotask(() => {
        now += ms + lateness(turn++);
        run();
      });
      return () => {};
    },
  };
}

test.each([
  ["punctual", () => 0.5, "ok", 0.5, 0.5],
  ["mostly punctual", (turn: number) => (turn % 50 === 0 ? 40 : 1), "warn", 1, 40],
  ["hopeless", () => 30, "block", 30, 30],
] as const)(
  "timers that are %s are judged by median and p99",
  async (_name, lateness, status, median, p99) => {
    const check = await checkTimers(stutteringClock(lateness));
    expect(check.status).toBe(status);
    expect(check.values?.["medianMs"]).toBeCloseTo(median);
    expect(check.values?.["p99Ms"]).toBeCloseTo(p99);
  },
);

test.each([
  [5, "ok"],
  [60, "warn"],
  [400, "block"],
] as const)("answers that come %i ms late at a lab's rate are %s", async (lateMs, status) => {
  const clock = createManualClock();
  const checking = checkRequests(clock, () => sleep(clock, lateMs));
  for (let ms = 0; ms < 2000; ms += 5) {
    clock.advance(5);
    await settled();
  }
  const check = await checking;
  expect(check.status).toBe(status);
  expect(check.values?.["p95Ms"]).toBeCloseTo(lateMs, -1);
});

test("little memory warns, and next to none blocks", () => {
  expect([2e9, 5e8, 1e8].map((bytes) => checkMemory(bytes).status)).toEqual(["ok", "warn", "block"]);
});

test("disk space is measured where the lab's files will be, before they are", () => {
  const measured: string[] = [];
  const check = checkDisk(join(home, "not", "yet"), (path) => {
    measured.push(path);
    return 7e8;
  });
  expect(measured).toEqual([home]);
  expect(check).toMatchObject({ status: "ok", values: { bytes: 7e8 } });
  expect(checkDisk(home).values?.["bytes"]).toBeGreaterThan(0);
});

test("running labs and abandoned labs are distinguished", async () => {
  expect(checkRuns(home)).toMatchObject({ status: "ok", detail: "none is running, none was abandoned" });
  const claim = (base: number): Promise<RunDir> =>
    claimRunDir({ home, base, ports: [], pid: process.pid }, { clock: systemClock });
  const running = await claim(8080);
  expect(checkRuns(home)).toMatchObject({ status: "ok" });
  expect(checkRuns(home).detail).toContain(`one runs on base port 8080 (pid ${process.pid}`);
  running.release();
  expect(checkRuns(home).detail).toBe("none is running, none was abandoned");
});

test("only what blocks makes the exit code 3", () => {
  const check = { name: "x", detail: "found so", hint: "do this" };
  const report = (ok: boolean) => ({
    schemaVersion: 1 as const,
    ok,
    checks: [{ ...check, status: ok ? ("warn" as const) : ("block" as const) }],
  });
  expect([doctorExitCode(report(true)), doctorExitCode(report(false))]).toEqual([0, 3]);
  expect(doctorTable(report(false))).toContain("-> do this");
});
