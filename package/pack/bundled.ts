import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";

/** Types of these are part of ours. */
const TYPES_ARE_NEEDED = ["zod"] as const;
const TYPES = /\.d\.[cm]?ts$/;
const NOT_RUN = /\.(map|[cm]?tsx?|flow|markdown|md|yml|yaml|html|css|png|svg|jpg|gif|tgz|coffee|hbs|snap)$/i;
const LICENCE = /^(licen[cs]e|notice|copying)/i;
const FOLDERS_NOT_RUN: ReadonlySet<string> = new Set([
  ".github",
  "__tests__",
  "bench",
  "benchmark",
  "benchmarks",
  "docs",
  "example",
  "examples",
  "test",
  "tests",
]);

const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"] as const;

/** Packages whose install script only prints, so that it can be left out. */
const ONLY_PRINTS: ReadonlySet<string> = new Set(["protobufjs"]);

const manifest = z.looseObject({
  name: z.string().optional(),
  scripts: z.record(z.string(), z.string()).optional(),
  gypfile: z.boolean().optional(),
});

/**
 * Prunes bundled dependencies to what runs, and to licences. Throws when one of them would compile or download something while
 * it is installed, or holds a program of one platform.
 */
export function pruneBundled(modules: string): void {
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) continue; // pruned with its folder
    const within = relative(modules, path);
    if (entry.isDirectory()) {
      if (FOLDERS_NOT_RUN.has(entry.name) && !isPackage(within)) rmSync(path, { recursive: true });
    } else if (entry.name === "package.json") pruneManifest(path);
    else if (entry.name.endsWith(".node") || entry.name === "binding.gyp")
      throw new Error(`${within}: a dependency of the package is of one platform`);
    else if (!isNeeded(within, entry.name)) rmSync(path);
  }
}

/** A package may be called as a folder that is left out. */
const isPackage = (within: string): boolean => /(^|\/node_modules\/)(@[^/]+\/)?[^/]+$/.test(within);

function isNeeded(within: string, name: string): boolean {
  if (LICENCE.test(name)) return true;
  if (TYPES.test(name)) return TYPES_ARE_NEEDED.some((needed) => within.startsWith(`${needed}/`));
  return !name.startsWith(".") && !NOT_RUN.test(name);
}

function pruneManifest(path: string): void {
  const read = manifest.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!read.success) return; // a test's or a template's
  const { scripts = {}, gypfile, name = "", ...rest } = read.data;
  const found = INSTALL_SCRIPTS.filter((script) => scripts[script] !== undefined);
  if (gypfile === true || (found.length > 0 && !ONLY_PRINTS.has(name)))
    throw new Error(`${name}: a dependency of the package does something at install: ${found.join(", ")}`);
  if (found.length > 0) writeFileSync(path, JSON.stringify({ name, ...rest }, undefined, 2));
}
