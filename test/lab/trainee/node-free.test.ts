import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { expect, it } from "vitest";
import { importsOf, ROOT, sources } from "../../project/imports.ts";

const BUILT_IN = new Set(builtinModules);

/** Modules that a file imports by name, and not for their types only. */
const packagesOf = (file: string): string[] =>
  Array.from(
    readFileSync(join(ROOT, file), "utf8").matchAll(
      /^(?:import|export)\s+(?!type\s)[^;"']*?from\s+"([^."][^"]*)"/gm,
    ),
    ([, name = ""]) => name,
  );

it("the trainee's interface needs no module of node's: a page and a worker use it, too", () => {
  const found = new Set<string>();
  const reached = new Set<string>();
  const left = sources("lab/trainee").map((file) => ({ file, by: file }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (reached.has(next.file)) continue;
    reached.add(next.file);
    const { file, by } = next;
    for (const name of packagesOf(file))
      if (name.startsWith("node:") || BUILT_IN.has(name)) found.add(`${by}: ${file} imports ${name}`);
    for (const { to, typeOnly } of importsOf(file)) if (!typeOnly) left.push({ file: to, by });
  }
  expect([...found]).toEqual([]);
  expect(reached.size).toBeGreaterThan(20);
});
