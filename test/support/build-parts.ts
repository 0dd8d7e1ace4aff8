import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PROJECT = resolve(import.meta.dirname, "../..");

/** Builds some sources, and what they import, into a directory of its own, for tests that need a process of ours. */
export function buildParts(files: readonly string[]): { readonly build: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "parts-"));
  const build = join(root, "dist");
  symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module" }));
  const options = { rootDir: PROJECT, outDir: build, typeRoots: [join(PROJECT, "node_modules/@types")] };
  writeFileSync(
    join(root, "tsconfig.json"),
    JSON.stringify({
      extends: join(PROJECT, "tsconfig.build.json"),
      compilerOptions: options,
      include: [],
      files: files.map((file) => join(PROJECT, file)),
    }),
  );
  const tsc = join(PROJECT, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", root], { stdio: "inherit" });
  return { build, remove: () => rmSync(root, { recursive: true, force: true }) };
}
