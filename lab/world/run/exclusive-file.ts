import { linkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { systemCode } from "../../../runtime/errors.ts";

/**
 * Creates a file with its whole content, unless it exists; false then. No reader sees it half written, as after an
 * exclusive open.
 */
export function createWhole(path: string, content: string, writer: number): boolean {
  const draft = `${path}.${writer}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Replaces a file by one with this content: readers see the old or the new one, whole. */
export function replaceWhole(path: string, content: string, mode = 0o600): void {
  const draft = `${path}.next`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, path);
}
