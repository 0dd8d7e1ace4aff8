import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const files = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" })
  .split("\0")
  .filter((path) => path !== "" && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile());

/** Homes of people and build machines, and a folder beside the repository: no clone has them. */
const FOREIGN = [
  new RegExp(String.raw`(?<![\w.])/(?:home|Users)/(?!node\b)\w+/`),
  new RegExp(String.raw`(?<![\w.])/(?:work|farm)/\w`),
  new RegExp(["..", "shared"].join("/").replaceAll(".", String.raw`\.`)),
];

test("no tracked file names a path of one machine or a folder outside of the repository", () => {
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return FOREIGN.flatMap((pattern) => {
      const match = pattern.exec(text);
      return match === null ? [] : [`${path}: ${match[0]}`];
    });
  });
  expect(found).toEqual([]);
});

test("the lock file names no host: each user's own registry serves them", () => {
  expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toContain('"resolved"');
});
