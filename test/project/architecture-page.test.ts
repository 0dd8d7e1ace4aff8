import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./imports.ts";
import { PICTURES, withPictures } from "./picture.ts";

/** Pages that show newcomers where things are. */
const PAGES = [
  "CONTRIBUTING.md",
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const architecture = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");

describe("docs/architecture.md", () => {
  it("shows the imports as they are; npm run architecture draws them anew", async () => {
    for (const name of Object.keys(PICTURES)) expect(architecture).toContain(`<!-- picture ${name} -->`);
    await expect(withPictures(architecture)).toMatchFileSnapshot(join(ROOT, "docs/architecture.md"));
  });
});

describe("a page for newcomers", () => {
  for (const page of PAGES)
    it(`${page} names only files and commands that exist`, () => {
      const text = readFileSync(join(ROOT, page), "utf8");
      const paths = [
        ...text.matchAll(
          /`((?:runtime|lb|backends|scenarios|lab|dashboards|bench|test|docs|\.ci)\/[\w./-]*)`/g,
        ),
      ].map(([, path = ""]) => path);
      const links = [...text.matchAll(/\]\((?!https?:)([\w./-]+)(?:#[\w-]+)?\)/g)].map(([, path = ""]) =>
        page.startsWith("docs/") ? join("docs", path) : path,
      );
      expect([...paths, ...links].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
      const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
      };
      const commands = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = ""]) => name);
      expect(commands.filter((name) => !(name in scripts))).toEqual([]);
    });
});
