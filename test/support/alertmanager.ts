import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Notification } from "../../lab/observe/pager/notification.ts";

const PROGRAM = "prometheus-alertmanager";

/** Whether the real Alertmanager and its tool are installed. */
export const hasAlertmanager = [PROGRAM, "amtool"].every(
  (program) => spawnSync(program, ["--version"]).status === 0,
);

export interface RealAlertmanager {
  /** Of its API, without a slash at its end. */
  readonly url: string;
  /** What its webhooks received, in order. */
  readonly notifications: readonly Notification[];
  close(): Promise<void>;
}

/** Starts the real one on loopback. Every webhook URL in `config` is replaced by one of the test's own. */
export async function realAlertmanager(config: string, externalUrl: string): Promise<RealAlertmanager> {
  const directory = mkdtempSync(join(tmpdir(), "lblab-alertmanager-"));
  const notifications: Notification[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      notifications.push(JSON.parse(Buffer.concat(chunks).toString()) as Notification);
      response.end();
    });
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo;
  const file = join(directory, "alertmanager.yml");
  writeFileSync(file, config.replaceAll(/url: http\S+/g, `url: http://127.0.0.1:${port}/webhook`));

  const child = spawn(
    PROGRAM,
    [
      `--config.file=${file}`,
      `--storage.path=${join(directory, "data")}`,
      "--web.listen-address=127.0.0.1:0",
      // Empty: no gossip, no second port.
      "--cluster.listen-address=",
      `--web.external-url=${externalUrl}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "exit");
  async function close(): Promise<void> {
    child.kill("SIGKILL");
    await ended;
    receiver.close();
    receiver.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  }

  const output: string[] = [];
  const address = await new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stderr })
      .on("line", (line) => {
        output.push(line);
        const found = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      })
      .on("close", () => resolve(undefined));
  });
  if (address === undefined) {
    await close();
    throw new Error(`${PROGRAM} did not start:\n${output.join("\n")}`);
  }
  return { url: `http://${address}`, notifications, close };
}

/** The output of `amtool check-config` for a configuration. */
export function amtoolAccepts(config: string): boolean {
  const directory = mkdtempSync(join(tmpdir(), "lblab-amtool-"));
  const file = join(directory, "alertmanager.yml");
  writeFileSync(file, config);
  const { status } = spawnSync("amtool", ["check-config", file]);
  rmSync(directory, { recursive: true, force: true });
  return status === 0;
}
