import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

/** Whether a program is there; with LBLAB_REQUIRE_PROMETHEUS=1 a missing one is a failure and not a reason to skip. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    if (process.env["LBLAB_REQUIRE_PROMETHEUS"] === "1")
      throw new Error(`${name} is needed and missing`, { cause: error });
    return false;
  }
}

export interface RealPrometheus {
  readonly url: string;
  readonly major: 2 | 3;
  /** The `data` of an answer, or the error that it gives. */
  ask(
    path: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<{ data?: unknown; error?: string }>;
  stop(): Promise<void>;
}

/** A real Prometheus on the loopback, with this configuration in YAML. */
export async function startPrometheus(config: string, lookback = "5m"): Promise<RealPrometheus> {
  const dir = mkdtempSync(join(tmpdir(), "lblab-prometheus-"));
  writeFileSync(join(dir, "prometheus.yml"), config);
  const port = await freePort();
  const version = execFileSync("prometheus", ["--version"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--query.lookback-delta=${lookback}`,
      "--enable-feature=promql-negative-offset,promql-at-modifier",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  child.stderr.on("data", (chunk: Buffer) => (output = (output + chunk.toString("utf8")).slice(-4000)));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await until(
      async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true,
      "Prometheus to be ready",
      30_000,
    );
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${output}`, { cause: error });
  }
  return {
    url,
    major: /version 3\./.test(version) ? 3 : 2,
    async ask(path, parameters) {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        body: new URLSearchParams(parameters),
      });
      return (await response.json()) as { data?: unknown; error?: string };
    },
    stop,
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
