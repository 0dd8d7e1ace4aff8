import { readFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { packagesOf, reachedFrom, ROOT } from "./imports.ts";

/** What the page and its worker import: they themselves import texts, which no parser of imports reads. */
const ENTRIES = [
  "lab/simulate/virtual-session.ts",
  "lab/simulate/hand-over.ts",
  "lab/sandbox/link.ts",
  "lab/sandbox/sandbox.ts",
  "lab/trainee/glossary.ts",
  "lb/reasons.ts",
  "lab/simulate/simulate-drill.ts",
  "lab/world/simulated/browser-platform.ts",
  "lab/responders/index.ts",
  "scenarios/index.ts",
  "test/browser/worker.ts",
];

/** Packages that run anywhere: `touchesNode` below reads them. */
const ANYWHERE = new Set([
  "@noble/ciphers/aes.js",
  "@noble/ciphers/utils.js",
  "@noble/hashes/sha2.js",
  "@noble/hashes/utils.js",
  "diff",
  "ipaddr.js",
  "js-yaml",
  "pure-rand/distribution/uniformFloat64",
  "pure-rand/generator/xoroshiro128plus",
  "re2js",
  "zod",
]);

const REACHED = [...reachedFrom(ENTRIES)];

const isOfNode = (name: string): boolean => name.startsWith("node:") || builtinModules.includes(name);

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm, "");

/** What only node has, used as a value. */
const NODE_GLOBAL =
  /(?<![\w.$"'`/-])(Buffer|process|setImmediate|clearImmediate|global|require|__dirname|__filename)\s*[.(]|\bimport\.meta\.(dirname|filename)\b/g;

describe("what a browser's worker imports", () => {
  it("is most of the project", () => {
    expect(REACHED.length).toBeGreaterThan(300);
    for (const file of ["lb/create-balancer.ts", "lab/judge/well.ts", "lab/observe/promql/engine.ts"])
      expect(REACHED).toContain(file);
  });

  it("reaches no module of node's", () => {
    const found = REACHED.flatMap(packagesOf).filter(({ name }) => isOfNode(name));
    expect(found.map(({ from, name }) => `${from} imports ${name}`)).toEqual([]);
  });

  it("reaches no package that is not known to run anywhere", () => {
    const found = REACHED.flatMap(packagesOf).filter(({ name }) => !isOfNode(name) && !ANYWHERE.has(name));
    expect(found.map(({ from, name }) => `${from} imports ${name}`)).toEqual([]);
  });

  it("uses nothing that is global in node only", () => {
    const found = REACHED.flatMap((file) =>
      Array.from(
        withoutComments(readFileSync(join(ROOT, file), "utf8")).matchAll(NODE_GLOBAL),
        ([use]) => `${file} uses ${use}`,
      ),
    );
    expect(found).toEqual([]);
  });

  it.each([...ANYWHERE])("%s is in use, and touches node nowhere", (name) => {
    expect(REACHED.flatMap(packagesOf).some((one) => one.name === name)).toBe(true);
    expect(touchesNode(name)).toEqual([]);
  });
});

const require = createRequire(import.meta.url);

/** Modules of node's and other packages that a package's files load, followed from its entry. */
function touchesNode(name: string): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const left = [require.resolve(name)];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = withoutComments(readFileSync(file, "utf8"));
    for (const [, from, required] of text.matchAll(
      /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"'\n]+)["']|\brequire\(\s*["']([^"'\n]+)["']/g,
    )) {
      const path = from ?? required ?? "";
      if (path.startsWith(".")) left.push(require.resolve(resolve(dirname(file), path)));
      else if (isOfNode(path)) found.push(`${file} loads ${path}`);
    }
  }
  return found;
}
