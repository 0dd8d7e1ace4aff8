import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const ROOT = join(import.meta.dirname, "..", "..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

/**
 * The site as a folder that any static host serves, and with `--mode live` the page that a lab serves of itself: without the worker,
 * which holds the answers.
 */
export default defineConfig(({ mode }) => ({
  root: mode === "live" ? join(import.meta.dirname, "live") : import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: { LAB_RELEASE: JSON.stringify(version) },
  worker: { format: "es" },
  build: {
    outDir: join(ROOT, "dist", mode === "live" ? "console" : "site"),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    // The editors and the worker are larger, and loaded when they are wanted.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
}));
