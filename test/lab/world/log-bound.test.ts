import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boundLogs } from "../../../lab/world/run/log-bound.ts";
import { homeFault, makeHome } from "../../../lab/world/run/home.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

let dir: string;
let clock: ManualClock;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "logs-"));
  clock = createManualClock();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const look = (): void => clock.advance(2000);
const long = (name: string): string => {
  const path = join(dir, name);
  writeFileSync(path, "x".repeat(200));
  return path;
};

describe("a directory of logs", () => {
  it("is bounded: one that has grown too long is put aside and begun anew", () => {
    const path = long("web-1.log");
    boundLogs(dir, clock, 100);
    look();
    expect([statSync(path).size, statSync(`${path}.1`).size]).toEqual([0, 200]);
  });

  it.each([
    ["a link to nothing, as an editor leaves", () => symlinkSync("x", join(dir, ".#balancer.log"))],
    ["a directory", () => mkdirSync(join(dir, "mine.log"))],
    ["a directory where an old log would go", () => mkdirSync(join(dir, "web-1.log.1"))],
    ["no permission to read", () => chmodSync(dir, 0o000)],
  ])("bears %s, and the other logs are bounded all the same", (_what, leave) => {
    const path = long("web-1.log");
    leave();
    boundLogs(dir, clock, 100);
    expect(look).not.toThrow();
    chmodSync(dir, 0o700);
    look();
    expect(statSync(path).size).toBe(0);
  });

  it("survives its removal, and a file in its place", () => {
    boundLogs(dir, clock, 100);
    rmSync(dir, { recursive: true });
    expect(look).not.toThrow();
    writeFileSync(dir, "");
    expect(look).not.toThrow();
  });

  it("is not left through a link: what it points to is not emptied", () => {
    const other = long("precious");
    symlinkSync(other, join(dir, "web-1.log"));
    boundLogs(dir, clock, 100);
    look();
    expect(readFileSync(other, "utf8")).toHaveLength(200);
    expect(existsSync(join(dir, "web-1.log.1"))).toBe(false);
  });

  it("puts a log aside over a link in its way, not through it", () => {
    const other = long("precious");
    const path = long("web-1.log");
    symlinkSync(other, `${path}.1`);
    writeFileSync(path, "y".repeat(300));
    boundLogs(dir, clock, 250);
    look();
    expect(readFileSync(other, "utf8")).toBe("x".repeat(200));
    expect(lstatSync(`${path}.1`).isFile()).toBe(true);
  });
});

describe("the lab's directory", () => {
  it("is its owner's only, also one that an earlier lab made readable to all", () => {
    const home = join(dir, ".lab");
    makeHome(home);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    chmodSync(home, 0o755);
    makeHome(home);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it("is left as it is when it was given by another name: it may be a shared directory", () => {
    const given = join(dir, "shared");
    mkdirSync(given);
    chmodSync(given, 0o755);
    makeHome(given);
    expect(statSync(given).mode & 0o777).toBe(0o755);
  });

  it("that cannot be used is reported by the start and by the doctor alike", () => {
    writeFileSync(join(dir, "file"), "");
    const home = join(dir, "file", ".lab");
    expect(() => makeHome(home)).toThrow(
      expect.objectContaining({ code: "ENVIRONMENT", hint: expect.stringContaining("--dir") as string }),
    );
    expect(homeFault(home)).toContain("is no directory");
    expect(homeFault(join(dir, "a", "b", ".lab"))).toBeUndefined();
  });
});
