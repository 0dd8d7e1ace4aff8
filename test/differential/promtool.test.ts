import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasProgram } from "../support/real-prometheus.ts";

const run = promisify(execFile);
const ALERTS = join(import.meta.dirname, "..", "..", "dashboards", "alerts");
const TESTS = join(ALERTS, "tests");
const ruleFiles = readdirSync(ALERTS).filter((name) => name.endsWith(".rules.yml"));
const testFiles = readdirSync(TESTS);

/** promtool's output, and whether it passed. */
async function promtool(...args: string[]): Promise<{ readonly content: boolean; readonly said: string }> {
  try {
    const { stdout, stderr } = await run("promtool", args);
    return { content: true, said: stdout + stderr };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return { content: false, said: `${stdout}${stderr}` || String(error) };
  }
}

describe.skipIf(!hasProgram("promtool"))("the real promtool", () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "lblab-promtool-"));
    mkdirSync(join(copy, "tests"));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.each(ruleFiles)("takes %s", async (name) => {
    expect(await promtool("check", "rules", join(ALERTS, name))).toMatchObject({ content: true });
  });

  it.each(testFiles)("comes to the same with %s", async (name) => {
    expect(await promtool("test", "rules", join(TESTS, name))).toMatchObject({ content: true });
  });

  it.each(testFiles)("finds with %s that a rule is missing", async (name) => {
    const alert = name.replace(".test.yml", "");
    for (const file of ruleFiles) {
      const text = readFileSync(join(ALERTS, file), "utf8");
      writeFileSync(join(copy, file), text.replaceAll(`alert: ${alert}\n`, "alert: AnotherName\n"));
    }
    copyFileSync(join(TESTS, name), join(copy, "tests", name));
    expect(await promtool("test", "rules", join(copy, "tests", name))).toMatchObject({ content: false });
  });
});
