import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { schemaText } from "./json-schema.ts";

/** Writes the configuration's JSON Schema to the file given as argument. Run from a build: `npm run schema`. */
const [, , target] = process.argv;
if (target === undefined) {
  process.stderr.write("usage: write-schema.js FILE\n");
  process.exitCode = 2;
} else {
  writeFileSync(resolve(target), schemaText());
}
