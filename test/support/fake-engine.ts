import { once } from "node:events";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface FakeEngine {
  /** As DOCKER_HOST names it. */
  readonly host: string;
  readonly path: string;
  /** Its requests, as `GET /path`, queries left out. */
  readonly requests: readonly string[];
}

/** A Docker engine on a socket of its own, that answers with these documents by path, and to `/_ping`. */
export async function fakeEngine(answers: Readonly<Record<string, unknown>> = {}): Promise<FakeEngine> {
  const dir = mkdtempSync(join(tmpdir(), "lblab-engine-"));
  const path = join(dir, "docker.sock");
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const [url = ""] = (request.url ?? "").split("?");
    requests.push(`${request.method} ${url}`);
    const answer = url === "/_ping" ? "OK" : answers[url];
    if (answer === undefined) response.writeHead(404);
    response.end(JSON.stringify(answer ?? {}));
  });
  server.listen(path);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { host: `unix://${path}`, path, requests };
}
