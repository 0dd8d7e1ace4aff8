import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TextFile } from "./text-file.ts";

/** Throws the system's error. */
export const readTextFile = (path: string): TextFile => ({ path, text: readFileSync(path, "utf8") });

/** All alert rules of a directory. Throws the system's error. */
export const readRuleFiles = (directory: string): readonly TextFile[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".rules.yml"))
    .map((name) => readTextFile(join(directory, name)));
