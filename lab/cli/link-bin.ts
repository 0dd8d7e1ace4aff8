import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Makes `npx lblab` find this checkout's own command, in node_modules/.bin, where npx looks first. A `bin` in
 * package.json would not do: for that, npx installs the checkout into its cache before it runs anything.
 */
const main = join(dirname(fileURLToPath(import.meta.url)), "main.js");
const bin = join(dirname(main), "..", "..", "..", "node_modules", ".bin");
mkdirSync(bin, { recursive: true });
const link = join(bin, "lblab");
rmSync(link, { force: true });
symlinkSync(relative(bin, main), link);
chmodSync(main, 0o755);
