import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TEMPLATE_FUNCTIONS } from "../../lab/observe/rules/template/template.ts";
import { readPaths } from "../support/read-paths.ts";
import { startWatchedShop } from "../support/watched-shop.ts";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "docs", "monitoring.md"), "utf8");

const section = (title: string): string =>
  new RegExp(`^## ${title}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(PAGE)?.[1] ?? "";

describe("docs/monitoring.md", () => {
  let directory: string;
  let watching: Awaited<ReturnType<typeof startWatchedShop>>;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-page-"));
    const rulesFile = join(directory, "any.rules.yml");
    writeFileSync(rulesFile, "");
    watching = await startWatchedShop([], { rulesFile, intervalMs: 1000 });
  });
  afterAll(async () => {
    await watching.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("lists the paths that are served, and their methods", () => {
    const listed = Array.from(
      section("API").matchAll(/^\| `(\/\S*)` \| ([A-Z, ]+) \|$/gm),
      ([, path, methods]) => [path, methods?.split(", ").sort().join(", ")],
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(readPaths(watching.server)));
    expect(listed.length).toBeGreaterThan(20);
  });

  it("lists the functions that templates can call", () => {
    const [, listed = ""] = /Functions: ([\s\S]*?)\.\n/.exec(section("Templates")) ?? [];
    const names = Array.from(listed.matchAll(/`(\w+)`/g), ([, name = ""]) => name);
    expect(names).toEqual([...TEMPLATE_FUNCTIONS]);
  });
});
