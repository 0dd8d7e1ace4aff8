import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

/** Whether HAProxy is installed; with LBLAB_REQUIRE_HAPROXY=1 a missing one is a failure and not a reason to skip. */
export function hasHaproxy(): boolean {
  try {
    execFileSync("haproxy", ["-v"], { stdio: "ignore" });
    return true;
  } catch (error) {
    if (process.env["LBLAB_REQUIRE_HAPROXY"] === "1")
      throw new Error("haproxy is needed and missing", { cause: error });
    process.stderr.write("haproxy is not installed: its statistics are not compared\n");
    return false;
  }
}

export interface RealHaproxy {
  /** Of the frontend `public`. */
  readonly port: number;
  /** `http://HOST:PORT` of its statistics, which are at /stats. */
  readonly statsUrl: string;
  close(): Promise<void>;
}

/** A real HAProxy on the loopback. `config`: its defaults, backends and what its frontend `public` does. */
export async function realHaproxy(config: {
  readonly global: string;
  readonly defaults: string;
  readonly frontend: string;
  readonly backends: string;
}): Promise<RealHaproxy> {
  const directory = mkdtempSync(join(tmpdir(), "lblab-haproxy-"));
  const [port, statsPort] = [await freePort(), await freePort()];
  const file = join(directory, "haproxy.cfg");
  writeFileSync(
    file,
    `global
${config.global}
defaults
  mode http
${config.defaults}
listen statistics
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /stats
frontend public
  bind 127.0.0.1:${port}
${config.frontend}
${config.backends}
`,
  );
  const child = spawn("haproxy", ["-db", "-f", file], { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, "exit");
  const statsUrl = `http://127.0.0.1:${statsPort}`;
  async function close(): Promise<void> {
    child.kill("SIGKILL");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`haproxy has ended: ${output}`);
      return fetch(`${statsUrl}/stats;csv`).then(
        ({ ok }) => ok,
        () => false,
      );
    }, "haproxy to serve");
  } catch (error) {
    await close();
    throw error;
  }
  return { port, statsUrl, close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
