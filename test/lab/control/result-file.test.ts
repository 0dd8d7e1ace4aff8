import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResultFile } from "../../../lab/control/result-file.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "result-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

describe("a result's file", () => {
  it("is written at once, over what an earlier drill left, for its owner only", () => {
    const path = join(dir, "result.json");
    writeFileSync(path, '{"passed":true}');
    const file = createResultFile(path, { state: "unfinished" });
    expect(read(path)).toEqual({ state: "unfinished" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    file.write({ state: "ended", passed: false });
    expect(read(path)).toEqual({ state: "ended", passed: false });
    expect(readdirSync(dir)).toEqual(["result.json"]);
  });

  it.each([
    ["in a folder that is not there", "none/result.json"],
    ["in what is no folder", "file/result.json"],
    ["where a folder is", "folder"],
  ])("%s cannot be had, which is found out before anything else", (_where, name) => {
    writeFileSync(join(dir, "file"), "");
    mkdirSync(join(dir, "folder"));
    expect(() => createResultFile(join(dir, name), {})).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringContaining("cannot write") as string }),
    );
  });

  it("keeps what it had when it cannot be written later", () => {
    const path = join(dir, "sub", "result.json");
    mkdirSync(join(dir, "sub"));
    const file = createResultFile(path, { state: "unfinished" });
    rmSync(join(dir, "sub"), { recursive: true });
    expect(() => file.write({ state: "ended" })).toThrow(expect.objectContaining({ code: "DISK" }));
    expect(existsSync(path)).toBe(false);
  });

  it("is what a link points to", () => {
    const target = join(dir, "target.json");
    writeFileSync(target, "");
    symlinkSync(target, join(dir, "link.json"));
    createResultFile(join(dir, "link.json"), { state: "unfinished" });
    expect(read(target)).toEqual({ state: "unfinished" });
  });

  it("that is a device is written to, and stays one", () => {
    createResultFile("/dev/null", {}).write({ state: "ended" });
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
