import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { CodedError, messageOf } from "../../../runtime/errors.ts";

/** Its default name: a directory that only the lab uses. */
const OWN_NAME = ".lab";

/** Makes the directory in which labs keep their files, for its owner only. Throws CodedError ENVIRONMENT where it cannot be had. */
export function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    // An earlier lab may have made it readable by all. One with another name may be shared on purpose.
    const { mode, uid } = statSync(home);
    if (basename(home) === OWN_NAME && uid === process.getuid?.() && (mode & 0o077) !== 0)
      chmodSync(home, 0o700);
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CodedError("ENVIRONMENT", `cannot use ${home}: ${messageOf(error)}`, {
      hint: "--dir PATH or LBLAB_DIR puts the lab's files elsewhere",
      cause: error,
    });
  }
}

/** Why labs could not keep their files there; undefined when they could. Changes nothing. */
export function homeFault(home: string): string | undefined {
  const place = nearest(home);
  try {
    if (!statSync(place).isDirectory()) return `${place} is no directory`;
    accessSync(place, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const nearest = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
