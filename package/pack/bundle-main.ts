import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "./bundle.ts";
import { PROGRAMS } from "./programs.ts";

/**
 * `node dist/package/pack/bundle-main.js [MODULE...]`: bundles the checkout's programs into its `dist`, over what the compiler
 * wrote there; with further modules, such as one whose start is measured.
 */
const root = fileURLToPath(new URL("../../..", import.meta.url));
await bundlePrograms({
  root,
  out: join(root, "dist"),
  programs: [...PROGRAMS, ...process.argv.slice(2)],
  sourcemap: true,
});
