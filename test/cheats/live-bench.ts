import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { LiveLab } from "../support/live-lab.ts";
import { until } from "../support/until.ts";
import type { CheatBench } from "./cheat.ts";
import { upstreamsOf } from "./virtual-bench.ts";

const DIST = join(import.meta.dirname, "..", "..", "dist");
/** The last of a lab's ports for backends, which no incident needs. */
const SPARE = 1044;

const byName = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** Listens on its first argument's port and relays every connection to its second one's. */
const LISTENER_PORT = `
  const { connect, createServer } = require("node:net");
  const [port, behind] = process.argv.slice(1).map(Number);
  const server = createServer((socket) => {
    const inner = connect(behind, "127.0.0.1");
    for (const end of [socket, inner]) end.on("error", () => {}).on("close", () => (socket.destroy(), inner.destroy()));
    socket.pipe(inner).pipe(socket);
  });
  // The port's last holder may take a moment to release it.
  server.on("error", () => setTimeout(() => server.listen(port, "127.0.0.1"), 20));
  server.on("listening", () => console.log("listening"));
  server.listen(port, "127.0.0.1");`;

export interface LiveCheatBench extends CheatBench {
  /** The processes of programs that `serve` has started and not ended. */
  readonly pids: ReadonlySet<number>;
}

/**
 * A cheat's means on this machine. A program's code is here, where the lab's supervisor is, too; its port is held by a process
 * of its own, as for any foreign process.
 */
export function liveBench({ lab }: LiveLab): LiveCheatBench {
  const pids = new Set<number>();
  const listener = Number(lab.listener.slice(lab.listener.lastIndexOf(":") + 1));
  return {
    pids,
    trainee: lab.client,
    listener,
    spare: listener + SPARE,
    upstreams: () => upstreamsOf(lab.client),
    async serve(port, program) {
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const { method = "GET", url: target = "/", headers } = request;
          const body = chunks.length === 0 ? undefined : Buffer.concat(chunks).toString("utf8");
          void program({ method, target, headers: byName(headers), body }).then((answer) => {
            if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
            else response.destroy();
          });
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const behind = (server.address() as AddressInfo).port;
      const listenerPort = spawn(process.execPath, ["-e", LISTENER_PORT, String(port), String(behind)]);
      await once(listenerPort.stdout, "data");
      const pid = listenerPort.pid ?? Number.NaN;
      pids.add(pid);
      return async () => {
        pids.delete(pid);
        const gone = once(listenerPort, "exit");
        listenerPort.kill("SIGKILL");
        await gone;
        server.close();
        server.closeAllConnections();
      };
    },
    ask: (port, { method, target: path, headers, body }) =>
      new Promise((resolve) => {
        const call = httpRequest(
          { host: "127.0.0.1", port, method, path, headers, agent: false },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.on("error", () => resolve(undefined));
            answer.on("end", () => {
              const { "transfer-encoding": _framing, connection: _connection, ...rest } = answer.headers;
              resolve({
                status: answer.statusCode ?? 0,
                headers: byName(rest),
                body: Buffer.concat(chunks).toString("utf8"),
              });
            });
          },
        );
        call.on("error", () => resolve(undefined));
        call.end(body);
      }),
  };
}

/** Starts one of the lab's own programs by hand, as no unit, and waits until it listens. Returns what ends it. */
export async function byHand(
  main: string,
  configPath: string,
  isThere: () => Promise<boolean>,
): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [join(DIST, main), configPath], { stdio: "ignore" });
  await until(isThere, `${main} to listen`);
  return async () => void child.kill("SIGKILL");
}
