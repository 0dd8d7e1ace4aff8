import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createQueryEngine } from "../../lab/observe/promql/engine.ts";
import { loadRules } from "../../lab/observe/rules/rule-file.ts";
import { createSampleStore } from "../../lab/observe/sample-store.ts";
import { formatFault } from "../../runtime/yaml/fault.ts";
import { hasProgram } from "../support/real-prometheus.ts";

const run = promisify(execFile);

/** A folder with rules files of others, at any depth: public collections are too large, and not ours, to be kept here. */
const folder = process.env["LBLAB_RULES_CORPUS"];
const files =
  folder === undefined
    ? []
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name));
const engine = createQueryEngine(createSampleStore({ retentionMs: 1, maxSeries: 1 }));

describe.skipIf(files.length === 0 || !hasProgram("promtool"))("a public collection of rules", () => {
  it.each(files)("%s is loaded as promtool loads it", async (path) => {
    const loaded = loadRules(readFileSync(path, "utf8"), path, engine);
    const theirs = await run("promtool", ["check", "rules", "--lint=none", path]).then(
      () => "",
      (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ""}${error.stderr ?? ""}`,
    );
    const faults = loaded.ok ? "" : loaded.faults.map(formatFault).join("\n");
    expect(faults === "", `ours:\n${faults}\ntheirs:\n${theirs}`).toBe(theirs === "");
  });
});
