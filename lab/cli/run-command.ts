import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { EXIT } from "../../runtime/errors.ts";
import { createRunner } from "./context.ts";
import { report } from "./output.ts";
import { createProgram } from "./program.ts";

/** The command line: arguments and signals in, one exit code out. */

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const root = join(dist, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(name, () => {
    // The second Ctrl-C is for a person who will not wait: children end with this process.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort(new Error("interrupted"));
  });

// On a closed terminal the last output is lost; the cleaning up is still done.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const program = createProgram(createRunner({ signal: interrupt.signal, dist, root, version }), version);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = report(error, process.argv.includes("--json"));
}
