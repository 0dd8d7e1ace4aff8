import { readFileSync, statSync } from "node:fs";
import { CodedError, messageOf } from "./errors.ts";
import { Secret } from "./secret.ts";

/** The secret in a file that only its owner can read; `what` names it in the error. Throws ENVIRONMENT. */
export function readSecretFile(path: string, what: string): Secret {
  try {
    if ((statSync(path).mode & 0o077) !== 0) throw new Error("others can read it, its mode must be 0600");
    return new Secret(readFileSync(path, "utf8").trim());
  } catch (error) {
    throw new CodedError("ENVIRONMENT", `${what} ${path}: ${messageOf(error)}`, { cause: error });
  }
}
