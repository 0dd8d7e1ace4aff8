import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Makes `npx lblab` find this checkout's own command: npx looks into node_modules/.bin first, and npm links the
 * commands of dependencies there, but not the package's own. Run after every build.
 */
const main = join(dirname(fileURLToPath(import.meta.url)), "main.js");
const bin = join(dirname(main), "..", "..", "..", "node_modules", ".bin");
mkdirSync(bin, { recursive: true });
const link = join(bin, "lblab");
rmSync(link, { force: true });
symlinkSync(relative(bin, main), link);
chmodSync(main, 0o755);
