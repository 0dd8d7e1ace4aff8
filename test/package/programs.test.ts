import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { PROGRAMS } from "../../package/pack/programs.ts";
import { sources } from "../project/imports.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** A file of the build, by its path in it, or by its place beside the module. */
const IN_THE_BUILD = /"(?:dist\/|(?=(?:lab|lb|backends)\/[\w/-]+\.js"))([\w/-]+)\.js"/g;
const BESIDE = /new URL\("([^"]+)\.js", import\.meta\.url\)/g;

/** Modules of the build that sources begin a process or a thread with, by the source that names them. */
function begun(): readonly (readonly [string, string])[] {
  return ["lab", "lb", "backends", "runtime"].flatMap((folder) =>
    sources(folder).flatMap((here) => {
      const text = readFileSync(join(ROOT, here), "utf8");
      const named = [...text.matchAll(IN_THE_BUILD)].map(([, path = ""]) => path);
      const beside = [...text.matchAll(BESIDE)].map(([, path = ""]) => posix.join(posix.dirname(here), path));
      return [...named, ...beside].map((path) => [path, here] as const);
    }),
  );
}

describe("the programs of a bundle", () => {
  it("are all that a process or a thread is begun with", () => {
    const found = begun();
    expect(found.length).toBeGreaterThan(12);
    expect(found.filter(([path]) => !(PROGRAMS as readonly string[]).includes(path))).toEqual([]);
  });

  it("include what the package exports", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      exports: Record<string, { default: string }>;
    };
    const modules = Object.values(exports).map((entry) => entry.default);
    expect(modules.length).toBeGreaterThan(1);
    for (const module of modules) expect(PROGRAMS).toContain(module.replace(/^\.\/dist\/|\.js$/g, ""));
  });
});
