import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const DIST = join(import.meta.dirname, "..", "..", "dist");
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

export interface Site {
  readonly url: string;
  /** Paths of its files, in the folder. */
  readonly files: readonly string[];
  read(path: string): Promise<string>;
  close(): Promise<void>;
}

/** The folder that `npm run site` made, behind a server that knows nothing but its files. */
export async function serveSite(): Promise<Site> {
  const dir = join(DIST, "site");
  if (!existsSync(dir)) throw new Error("npm run build makes the site");
  const files = (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(dir.length + 1));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://site").pathname.slice(1) || "index.html";
    if (!files.includes(path)) return void response.writeHead(404).end();
    readFile(join(dir, path)).then(
      (bytes) =>
        response
          .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
          .end(bytes),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    files,
    read: (path) => readFile(join(dir, path), "utf8"),
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
