import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, sources } from "./imports.ts";

const { mutate } = JSON.parse(readFileSync(join(ROOT, "stryker.config.json"), "utf8")) as {
  readonly mutate: readonly string[];
};

/** The paths of a pattern with one list in braces, or one `*` for a name. */
function pathsOf(pattern: string): string[] {
  const [, before = "", list, after = ""] = /^([^{]*)(?:\{([^}]*)\})?(.*)$/.exec(pattern) ?? [];
  const paths = list === undefined ? [pattern] : list.split(",").map((name) => before + name + after);
  return paths.flatMap((path) => {
    if (!path.includes("*")) return [path];
    const name = new RegExp(`^${path.replaceAll(".", "\\.").replace("*", "[^/]+")}$`);
    const found = sources(path.slice(0, path.lastIndexOf("/"))).filter((file) => name.test(file));
    return found.length > 0 ? found : [path];
  });
}

describe("what mutation testing changes", () => {
  const known = new Set(["lab", "lb", "runtime"].flatMap(sources));

  it.each(mutate.flatMap(pathsOf))("%s is there", (path) => {
    // Stryker skips what does not exist, and its score says nothing of it.
    expect(known).toContain(path);
  });
});
