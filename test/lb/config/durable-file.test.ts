import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareReplacement } from "../../../lb/config/durable-file.ts";

/** What this process has open, where the system shows it. */
const OPEN_FILES = "/proc/self/fd";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "durable-"));
  path = join(directory, "balancer.yaml");
  writeFileSync(path, "old");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const text = () => readFileSync(path, "utf8");
const files = () => readdirSync(directory);

describe("a replacement of a file", () => {
  it("changes nothing of it until it is committed, and is whole then", () => {
    const long = "ä€😀".repeat(200_000);
    const replacement = prepareReplacement(path, long);
    expect(text()).toBe("old");
    replacement.commit();
    expect(text()).toBe(long);
    expect(files()).toEqual(["balancer.yaml"]);
  });

  it("is written down before it is committed", () => {
    prepareReplacement(path, "new");
    expect(readFileSync(`${path}.new`, "utf8")).toBe("new");
  });

  it("leaves the old one when it is discarded, and nothing beside it", () => {
    const replacement = prepareReplacement(path, "new");
    replacement.discard();
    expect([text(), files()]).toEqual(["old", ["balancer.yaml"]]);
  });

  it("makes the file where there was none", () => {
    rmSync(path);
    prepareReplacement(path, "new").commit();
    expect(text()).toBe("new");
  });

  it("that is over leaves the next one alone", () => {
    const first = prepareReplacement(path, "first");
    first.commit();
    const second = prepareReplacement(path, "second");
    first.discard();
    second.commit();
    expect(text()).toBe("second");
    const third = prepareReplacement(path, "third");
    third.discard();
    const fourth = prepareReplacement(path, "fourth");
    third.discard();
    fourth.commit();
    expect(text()).toBe("fourth");
  });

  it("writes over what one left that did not come to its end", () => {
    writeFileSync(`${path}.new`, "a longer text that is left over");
    prepareReplacement(path, "new").commit();
    expect(text()).toBe("new");
  });

  it("can be read by others, and written by its owner only", () => {
    prepareReplacement(path, "new").commit();
    expect((statSync(path).mode & 0o777 & ~process.umask()).toString(8)).toBe(
      (0o644 & ~process.umask()).toString(8),
    );
  });

  it("that was removed by somebody else can be discarded all the same", () => {
    const replacement = prepareReplacement(path, "new");
    rmSync(`${path}.new`);
    replacement.discard();
    expect(text()).toBe("old");
  });

  it.runIf(existsSync(OPEN_FILES))("leaves no file open", () => {
    const before = readdirSync(OPEN_FILES).length;
    for (let i = 0; i < 5; i++) {
      prepareReplacement(path, "new").commit();
      prepareReplacement(path, "new").discard();
    }
    expect(readdirSync(OPEN_FILES)).toHaveLength(before);
  });

  it("throws what the system says, and leaves no file behind", () => {
    expect(() => prepareReplacement(join(directory, "nowhere", "file"), "new")).toThrow(/ENOENT.*open/);
    // A directory stands where the text is to be written.
    mkdirSync(`${path}.new`);
    expect(() => prepareReplacement(path, "new")).toThrow(/EISDIR.*open/);
    expect(text()).toBe("old");
  });
});
