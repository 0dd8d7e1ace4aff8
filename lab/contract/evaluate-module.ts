import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError, messageOf } from "../../runtime/errors.ts";

const HERE = fileURLToPath(import.meta.url);
const ENTRIES = ["scenario", "policy"] as const;

/** The entries of the lab's package, `outage-lab/scenario` and the like, of this build or these sources. */
const OWN = Object.fromEntries(
  ENTRIES.map((name) => [
    `outage-lab/${name}`,
    join(dirname(HERE), "..", "..", "package", `${name}${extname(HERE)}`),
  ]),
);

/**
 * Runs a module of TypeScript or JavaScript with everything it imports, and gives its exports. Not every Node that we support
 * reads TypeScript, and a module anywhere on the disk has to find the lab's own entries. Throws CodedError CONFIG_INVALID with
 * the file, and the place where there is one, when it cannot be run.
 */
export async function evaluateModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  // Loaded when needed: no other command should wait for a compiler.
  const { createJiti } = await import("jiti");
  const load = createJiti(HERE, { alias: OWN, fsCache: false, moduleCache: false, interopDefault: false });
  try {
    return await load.import<Readonly<Record<string, unknown>>>(file);
  } catch (error) {
    throw new CodedError("CONFIG_INVALID", located(file, messageOf(error)), { cause: error });
  }
}

/** A syntax error's message ends with its place, on a line of its own; other messages may end with who required what. */
function located(file: string, message: string): string {
  const [first = "", second = ""] = message.split("\n").map((line) => line.trim());
  const reason = first.replace(/^ParseError: /, "");
  return /:\d+:\d+$/.test(second) ? `${second}: ${reason}` : `${file}: ${reason}`;
}
