import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { pruneBundled } from "../../package/pack/bundled.ts";

/** A node_modules with these files. */
function modules(files: Readonly<Record<string, string>>): {
  readonly dir: string;
  has(path: string): boolean;
} {
  const dir = mkdtempSync(join(tmpdir(), "lblab-bundled-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return { dir, has: (path) => existsSync(join(dir, path)) };
}

describe("what the package brings of its dependencies", () => {
  it("is what runs, licences, and the types that its own need", () => {
    const runs = [
      "a/index.js",
      "a/data.json",
      "@s/test/index.js",
      "a/LICENSE.md",
      "a/node_modules/b/x.proto",
    ];
    const needed = ["zod/index.d.ts"];
    const left = ["a/index.d.ts", "a/index.js.map", "a/README.md", "a/test/b.js", "a/src.ts", "a/.eslintrc"];
    const { dir, has } = modules(
      Object.fromEntries([...runs, ...needed, ...left].map((path) => [path, "{}"])),
    );
    pruneBundled(dir);
    expect([...runs, ...needed].filter((path) => !has(path))).toEqual([]);
    expect(left.filter(has)).toEqual([]);
  });

  it.each([
    [
      "installs by a script",
      "a/package.json",
      '{ "name": "a", "scripts": { "install": "node-gyp rebuild" } }',
    ],
    [
      "prepares by a script",
      "a/package.json",
      '{ "name": "a", "scripts": { "postinstall": "node get.js" } }',
    ],
    ["says that it is compiled", "a/package.json", '{ "name": "a", "gypfile": true }'],
    ["is compiled", "a/binding.gyp", "{}"],
    ["is of one platform", "a/build/a.node", ""],
  ])("is nothing that %s", (_, path, text) => {
    const { dir } = modules({ [path]: text });
    expect(() => pruneBundled(dir)).toThrow(/a dependency of the package/);
  });

  it("has no script at install where one only prints", () => {
    const scripts = { postinstall: "node scripts/postinstall" };
    const { dir } = modules({
      "p/package.json": JSON.stringify({ name: "protobufjs", main: "i.js", scripts }),
    });
    pruneBundled(dir);
    expect(JSON.parse(readFileSync(join(dir, "p/package.json"), "utf8"))).toEqual({
      name: "protobufjs",
      main: "i.js",
    });
  });
});
