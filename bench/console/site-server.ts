import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

export interface BuiltSite {
  readonly url: string;
  /** Paths of its files, in the folder. */
  readonly files: readonly string[];
  /** Of these files together, each compressed by itself as a server would. */
  gzippedKb(paths: readonly string[]): number;
  close(): void;
}

/** The folder that `npm run site` made, over the loopback. */
export async function openSite(dir: string): Promise<BuiltSite> {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(
    (path) => extname(path) !== "",
  );
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://site").pathname.slice(1) || "index.html";
    if (!files.includes(path)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
    response.end(readFileSync(join(dir, path)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    files,
    gzippedKb: (paths) =>
      paths.reduce((sum, path) => sum + gzipSync(readFileSync(join(dir, path))).length, 0) / 1000,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
