import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { processFacts, type ProcessFacts } from "./process-facts.ts";

/** A balancer's process, started as the lab starts it, with a directory of its own and ports that are free. */
export interface LoneBalancer {
  readonly pid: number;
  /** Of its listener. */
  readonly port: number;
  readonly adminPort: number;
  facts(): ProcessFacts;
  /** Sends a request to its admin interface. */
  admin(method: string, path: string, body?: string): Promise<AdminAnswer>;
  /** The samples of `/metrics`, by series as it is written there. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Writes a configuration into its file. */
  write(config: object): void;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  /** What it logged. */
  readonly log: string;
  /** Ends it, if it has not ended, and takes its directory away. */
  close(): Promise<void>;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

const MAIN = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "lb", "main.js");
const TOKEN = "0123456789abcdef0123456789abcdef";

/** Throws with the process's log when it did not come to serve. */
export async function startLoneBalancer(config: object): Promise<LoneBalancer> {
  const directory = mkdtempSync(join(tmpdir(), "lblab-bars-"));
  const configPath = join(directory, "balancer.yaml");
  const tokenPath = join(directory, "token");
  const unitPath = join(directory, "unit.json");
  // JSON is YAML.
  const write = (wanted: object) => writeFileSync(configPath, JSON.stringify(wanted, undefined, 2));
  write(config);
  writeFileSync(tokenPath, TOKEN, { mode: 0o600 });
  writeFileSync(unitPath, JSON.stringify({ name: "balancer", configPath, tokenPath, seed: 1 }));
  const child = fork(MAIN, [unitPath], { silent: true, execArgv: [] });
  let log = "";
  child.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const serving = once(child, "message").then(
    ([message]) => message as { readonly ports: Record<string, number>; readonly adminPort: number },
  );
  const close = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const ready = await Promise.race([serving, ended]);
  const { pid } = child;
  if (ready === null || typeof ready === "number" || pid === undefined) {
    await close();
    throw new Error(`the balancer did not come to serve: ${log}`);
  }
  const admin = (method: string, path: string, body?: string) => ask(ready.adminPort, method, path, body);
  return {
    pid,
    port: ready.ports["public"] ?? 0,
    adminPort: ready.adminPort,
    facts: () => processFacts(pid),
    admin,
    async metrics() {
      const { body } = await admin("GET", "/metrics");
      const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      return new Map(
        lines.map((line) => {
          const space = line.lastIndexOf(" ");
          return [line.slice(0, space), Number(line.slice(space + 1))];
        }),
      );
    },
    write,
    signal: (name) => void child.kill(name),
    ended,
    get log() {
      return log;
    },
    close,
  };
}

/** Sums a metric over the series of which `has` is a part. */
export function sumOf(samples: ReadonlyMap<string, number>, name: string, has = ""): number {
  let sum = 0;
  for (const [series, value] of samples)
    if (series.startsWith(`${name}{`) && series.includes(has)) sum += value;
  return sum;
}

function ask(port: number, method: string, path: string, body = ""): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const isConfig = path.startsWith("/config") && !/\/(?:promote|abort)$/.test(path);
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      "content-type": isConfig ? "application/yaml" : "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const call = request({ port, host: "127.0.0.1", method, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}
