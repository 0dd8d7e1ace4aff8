import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const ROOT = join(import.meta.dirname, "..", "..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

/** The page as a folder that any static host serves: it asks for nothing outside of that folder. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: { LAB_RELEASE: JSON.stringify(version) },
  worker: { format: "es" },
  build: {
    outDir: join(ROOT, "dist", "site"),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
  },
});
