import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { apiPage } from "../trainee/api-page.ts";

/** Writes `docs/api.md` to the file given as argument. Run from a build: `npm run docs:api`. */
const [, , target] = process.argv;
if (target === undefined) {
  process.stderr.write("usage: write-api-page.js FILE\n");
  process.exitCode = 2;
} else {
  writeFileSync(resolve(target), apiPage());
}
