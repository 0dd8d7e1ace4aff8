import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";

/**
 * The `setpriv` on this search path that can have the kernel end a process with its parent; undefined when there is
 * none. Found by running it: some builds lack that option.
 */
export function findSetpriv(searchPath: string): string | undefined {
  const candidates = searchPath.split(delimiter).filter((dir) => dir !== "");
  return candidates.map((dir) => join(dir, "setpriv")).find(works);
}

function works(setpriv: string): boolean {
  try {
    execFileSync(setpriv, ["--pdeathsig", "KILL", "--", setpriv, "--version"], {
      stdio: "ignore",
      timeout: 2000,
    });
    return true;
  } catch {
    return false;
  }
}
