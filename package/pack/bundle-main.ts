import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "./bundle.ts";
import { PROGRAMS } from "./programs.ts";

/** `node dist/package/pack/bundle-main.js`: bundles the checkout's programs into its `dist`, over what the compiler wrote there. */
const root = fileURLToPath(new URL("../../..", import.meta.url));
// What is measured from its start on is a program, too, but none of the package.
const programs = [...PROGRAMS, "bench/simulate/part"];
await bundlePrograms({ root, out: join(root, "dist"), programs });
