import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

/** One import or re-export of a file of ours; paths begin at the repository's root. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** Nothing of it is there at run time. */
  readonly typeOnly: boolean;
}

/** Every TypeScript file under a folder, JSX too. */
export const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort((a, b) => (a < b ? -1 : 1));

/** `type A, type B` in braces is erased as `import type` is. */
function isErased(names: string): boolean {
  const members = /^\{([^}]*)\}$/s.exec(names.trim())?.[1]?.split(",") ?? [];
  const named = members.map((name) => name.trim()).filter((name) => name !== "");
  return named.length > 0 && named.every((name) => name.startsWith("type "));
}

export function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?([^;"']*?)\s*from\s+"(\.[^"]+)"/gm);
  return [...found].map(([, type, names = "", path = ""]) => ({
    from: file,
    to: relative(ROOT, join(ROOT, dirname(file), path)),
    typeOnly: type !== undefined || isErased(names),
  }));
}

export const within = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

/** A package or a module of node's that is there at run time, by the name in quotes. */
export interface PackageImport {
  readonly from: string;
  readonly name: string;
}

/** Everything that a file loads and that is not ours, loaded at its start or later. */
export function packagesOf(file: string): PackageImport[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const named = text.matchAll(/^(?:import|export)\s+(type\s)?([^;"']*?)\s*from\s+"([^".][^"]*)"/gm);
  const bare = text.matchAll(/^import\s+"([^".][^"]*)"|\bimport\(\s*"([^".][^"]*)"/gm);
  return [
    ...Array.from(named)
      .filter(([, type, names = ""]) => type === undefined && !isErased(names))
      .map(([, , , name = ""]) => name),
    ...Array.from(bare, ([, atStart, later]) => atStart ?? later ?? ""),
  ].map((name) => ({ from: file, name }));
}

/** The files, and all that they load of ours; types are no code. */
export function reachedFrom(roots: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const left = [...roots];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const { to, typeOnly } of importsOf(file)) if (!typeOnly) left.push(to);
  }
  return reached;
}
