import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasProgram } from "../support/real-prometheus.ts";
import { until } from "../support/until.ts";
import { startWatchedShop } from "../support/watched-shop.ts";

const run = promisify(execFile);
const TOKEN = "0123456789abcdef0123456789abcdef";

const RULES = `groups:
  - name: one
    rules:
      - { alert: Failures, expr: vector(1), labels: { severity: page, route: /login } }
      - { alert: Leeks, expr: vector(1), labels: { severity: inform, kind: vegetable } }
      - { alert: Apples, expr: vector(1), labels: { severity: other, kind: fruit }, annotations: { summary: ripe } }
`;

interface Said {
  readonly code: number;
  readonly out: string;
}

describe.skipIf(!hasProgram("amtool"))("the real amtool, querying the evaluator", () => {
  let directory: string;
  let watching: Awaited<ReturnType<typeof startWatchedShop>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "lblab-amtool-"));
    const rulesFile = join(directory, "any.rules.yml");
    writeFileSync(rulesFile, RULES);
    writeFileSync(join(directory, "http.yml"), `authorization: { type: Bearer, credentials: ${TOKEN} }\n`, {
      mode: 0o600,
    });
    watching = await startWatchedShop([], { rulesFile, intervalMs: 100, token: TOKEN });
    await until(async () => (await names([])).length === 2, "the alerts");
  });
  afterAll(async () => {
    await watching.close();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const id of await silences()) await amtool("silence", "expire", id);
  });

  async function amtool(...args: readonly string[]): Promise<Said> {
    const config = [`--http.config.file=${join(directory, "http.yml")}`];
    return runAmtool(...config, ...args);
  }
  async function runAmtool(...args: readonly string[]): Promise<Said> {
    try {
      const { stdout } = await run("amtool", [`--alertmanager.url=${watching.url}`, ...args]);
      return { code: 0, out: stdout };
    } catch (error) {
      const {
        code = 1,
        stdout = "",
        stderr = "",
      } = error as { code?: number; stdout?: string; stderr?: string };
      return { code, out: stdout + stderr };
    }
  }
  async function names(args: readonly string[]): Promise<readonly string[]> {
    const { out } = await runAmtool("alert", "query", "-o", "json", ...args);
    const found = JSON.parse(out) as readonly { readonly labels: Readonly<Record<string, string>> }[];
    return found.map(({ labels }) => labels["alertname"] ?? "").sort();
  }
  const silences = async (): Promise<readonly string[]> =>
    (await runAmtool("silence", "query", "-q")).out.split("\n").filter((line) => line !== "");

  it.each([
    // A page inhibits what only informs.
    [[], ["Apples", "Failures"]],
    [["--inhibited"], ["Leeks"]],
    [
      ["--active", "--inhibited"],
      ["Apples", "Failures", "Leeks"],
    ],
    [["severity=page"], ["Failures"]],
    [["severity=~pa.*|oth.*"], ["Apples", "Failures"]],
    [["severity!=page"], ["Apples"]],
    [['kind="fruit"', "severity=page"], []],
    [["Apples"], ["Apples"]],
    [["--receiver=on-call"], ["Apples", "Failures"]],
    [["--receiver=nobody"], []],
  ])("alert query %j lists %j", async (args, expected) => {
    expect(await names(args)).toEqual(expected);
  });

  it("prints an alert as it prints the real one's", async () => {
    const { out } = await runAmtool("alert", "query", "Apples");
    expect(out).toMatch(/^Alertname +Starts At +Summary +State/);
    expect(out).toMatch(/^Apples +\d{4}-.* +ripe +active/m);
  });

  it("has a filter refused that is none, with the reason", async () => {
    const { code, out } = await runAmtool("alert", "query", 'severity=~"("');
    expect(code).not.toBe(0);
    expect(out).not.toBe("");
  });

  it("silences with the token, from its file with an authorization header, and not without", async () => {
    const refused = await runAmtool("silence", "add", "-c", "why", "alertname=Apples");
    expect(refused.code).not.toBe(0);
    expect(refused.out).toContain("401");
    const added = await amtool("silence", "add", "-c", "why", "-a", "ada", "alertname=Apples");
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f-]{36}\n$/) as string });
    expect(await names([])).toEqual(["Failures"]);
    expect(await names(["--silenced"])).toEqual(["Apples"]);
    expect((await runAmtool("silence", "query")).out).toMatch(/alertname="Apples" +\d{4}.* +ada +why/);
    expect((await runAmtool("silence", "query", "-q", "alertname=Apples")).out.trim()).toBe(added.out.trim());
    expect((await runAmtool("silence", "query", "-q", "alertname=Leeks")).out.trim()).toBe("");
  });

  it("changes a silence and ends it", async () => {
    const id = (await amtool("silence", "add", "-c", "why", "alertname=Apples")).out.trim();
    // It prints an address of its own memory for the id.
    expect((await amtool("silence", "update", "-q", "-c", "because", "-d", "3h", id)).code).toBe(0);
    expect(await silences()).toEqual([id]);
    expect((await runAmtool("silence", "query")).out).toContain("because");
    expect((await amtool("silence", "expire", id)).code).toBe(0);
    expect(await silences()).toEqual([]);
    expect(await names([])).toEqual(["Apples", "Failures"]);
    expect((await runAmtool("silence", "query", "--expired", "-q")).out).toContain(id);
  });

  it("imports silences", async () => {
    await amtool("silence", "add", "-c", "why", "alertname=Apples");
    const { out } = await runAmtool("silence", "query", "-o", "json");
    const file = join(directory, "silences.json");
    writeFileSync(file, out);
    for (const id of await silences()) await amtool("silence", "expire", id);
    const imported = await amtool("silence", "import", "--force", file);
    expect(imported.code, imported.out).toBe(0);
    expect(await silences()).toHaveLength(1);
  });

  it("shows the pager's configuration without its secrets, and what it is", async () => {
    const { code, out } = await runAmtool("config", "show");
    expect(code).toBe(0);
    expect(out).toContain("receiver: on-call");
    expect(out).toContain("url: <secret>");
    expect(out).not.toContain("relay");
    expect((await runAmtool("cluster", "show")).code).toBe(0);
  });
});
