import { writeFileSync } from "node:fs";
import { CodedError, messageOf } from "../../runtime/errors.ts";

/** Writes the file that a flag names. Throws CodedError USAGE when it cannot be written. */
export function writeGiven(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CodedError("USAGE", `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
