import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown, type Plugin } from "rolldown";

export interface BundleConfig {
  /** Where the sources are. */
  readonly root: string;
  /** Where each program is written under its own path, and what they share in `chunks`. */
  readonly out: string;
  /** Modules from the root, without endings. */
  readonly programs: readonly string[];
  /** For debuggers, which then show the sources. */
  readonly sourcemap: boolean;
}

/** Of a hundred files; all other packages are loaded as they are. */
const TAKEN_IN = /^zod(\/|$)/;
const OWN = /^[./]/;
/** Folder of what programs share. */
const CHUNKS = "chunks";
/** Stands for where the bundle lies, until it is known from where that is asked. */
const BUNDLE = "__LBLAB_BUNDLE__";

/**
 * Bundles the programs: a process reads some files in place of hundreds, which is most of what its start takes. Each module
 * finds what lies beside it where the compiler would have written it.
 */
export async function bundlePrograms({ root, out, programs, sourcemap }: BundleConfig): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(programs.map((path) => [path, join(root, `${path}.ts`)])),
    platform: "node",
    external: (id) => !OWN.test(id) && !TAKEN_IN.test(id),
    plugins: [placesAsCompiled(root)],
  });
  const { output } = await bundle.write({
    dir: out,
    format: "esm",
    sourcemap,
    entryFileNames: "[name].js",
    chunkFileNames: `${CHUNKS}/[name]-[hash].js`,
  });
  await bundle.close();
  // An earlier bundle's go last: a process that runs may not have loaded all of its own yet.
  const written = new Set(output.map(({ fileName }) => fileName));
  for (const name of readdirSync(join(out, CHUNKS)))
    if (!written.has(`${CHUNKS}/${name}`)) rmSync(join(out, CHUNKS, name));
}

/** Gives `import.meta` of each module the place of the compiler's file, which the bundle's are not. */
const placesAsCompiled = (root: string): Plugin => ({
  name: "places as compiled",
  transform(code, id) {
    const path = relative(root, id);
    if (!code.includes("import.meta.") || path.startsWith("..") || path.startsWith("node_modules"))
      return null;
    const url = `new URL(${JSON.stringify(path.replace(/\.ts$/, ".js"))}, ${BUNDLE}).href`;
    // No line moves, so the maps stay true.
    return { code: code.replaceAll("import.meta.url", url), map: null };
  },
  renderChunk(code, { fileName }) {
    if (!code.includes(BUNDLE)) return null;
    const up = "../".repeat(fileName.split("/").length - 1);
    const root = `new URL(${JSON.stringify(up === "" ? "./" : up)}, import.meta.url)`;
    return { code: code.replaceAll(BUNDLE, root), map: null };
  },
});
