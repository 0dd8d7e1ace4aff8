import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CodedError, messageOf } from "../../runtime/errors.ts";

/** How a scenario outside of the checkout names the lab's own modules: `outage-lab/scenarios/shop.ts`. */
const OWN = /^outage-lab\/(scenarios\/[\w/.-]+\.ts)$/;

/**
 * Runs a module of TypeScript or JavaScript with everything it imports, and gives its exports. Bundled into one text first:
 * not every Node that we support reads TypeScript, and a module anywhere on the disk has to find the lab's own. Throws
 * CodedError CONFIG_INVALID with the file, and the place where there is one, when it cannot be run.
 */
export async function evaluateModule(file: string, root: string): Promise<Readonly<Record<string, unknown>>> {
  // Loaded when needed: nobody else should wait for a bundler.
  const { rolldown } = await import("rolldown");
  try {
    const bundle = await rolldown({
      input: file,
      platform: "node",
      logLevel: "silent",
      plugins: [
        {
          name: "own-modules",
          resolveId(source: string) {
            const own = OWN.exec(source)?.[1];
            return own === undefined ? null : join(root, own);
          },
        },
      ],
    });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    const code = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
    return await evaluated(code);
  } catch (error) {
    throw new CodedError("CONFIG_INVALID", `${file}: ${plain(messageOf(error))}`, { cause: error });
  }
}

async function evaluated(code: string): Promise<Readonly<Record<string, unknown>>> {
  const dir = mkdtempSync(join(tmpdir(), "lblab-scenario-"));
  try {
    const path = join(dir, "scenario.mjs");
    writeFileSync(path, code);
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Without the colours and the count of errors that the bundler puts around what it has to say. */
const plain = (message: string): string =>
  message
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/\u001B\[[\d;]*m/g, "")
    .replace(/^Build failed with \d+ errors?:\s*/, "")
    .trim();
