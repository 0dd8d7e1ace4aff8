import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { CodedError, messageOf, systemCode } from "../../runtime/errors.ts";
import { findScenario } from "../../scenarios/index.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SKELETON = ["lab", "contract", "skeleton"];

/**
 * Writes a scenario that keeps the contract as it stands into a new folder, and returns that folder. Throws CodedError
 * USAGE for a name that is none, or a folder that is there already: nothing is ever overwritten.
 */
export function writeSkeleton(name: string, parent: string, root: string): string {
  if (!NAME.test(name) || name.length > 40)
    throw new CodedError(
      "USAGE",
      `"${name}" is no name: words of small letters with - between them, at most 40 letters`,
    );
  if (findScenario(name)) throw new CodedError("USAGE", `${name} is one of the lab's own scenarios`);
  const folder = resolve(parent, name);
  if (existsSync(folder))
    throw new CodedError("USAGE", `${folder} is there already, and nothing is overwritten`);
  const from = join(root, ...SKELETON);
  const read = (file: string): string => readFileSync(join(from, file), "utf8");
  try {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder);
    const write = (file: string, text: string): void =>
      writeFileSync(join(folder, file), text, { flag: "wx" });
    write("scenario.ts", read("scenario.ts").replace('id: "new-scenario"', `id: "${name}"`));
    for (const text of ["brief.md", "answer.md"]) write(text, read(text));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new CodedError("DISK", `cannot write ${relative(".", folder)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return folder;
}
