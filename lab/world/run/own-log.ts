import { constants, openSync, rmSync } from "node:fs";
import { systemCode } from "../../../runtime/errors.ts";

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;

/**
 * Opens a log of the lab's own for appending. A link in its place, which would send the lab's lines elsewhere, is
 * replaced by a file. Throws the system's error.
 */
export function openOwnLog(path: string): number {
  const open = () => openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    return open();
  } catch (error) {
    if (systemCode(error) !== "ELOOP") throw error;
    rmSync(path);
    return open();
  }
}
