import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import type { FastifyInstance } from "fastify";
import { OPENS } from "../../runtime/admin-server.ts";

/** The files of a page by the paths that they are served at. */
export type PageFiles = ReadonlyMap<string, PageFile>;

interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

/** Reads a built page into memory, so that no request's path reaches the file system. Undefined where none was built. */
export function readPageFiles(folder: string): PageFiles | undefined {
  if (!existsSync(join(folder, "index.html"))) return undefined;
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join("/")}`;
    files.set(path === "/index.html" ? "/" : path, { type, bytes: readFileSync(file) });
  }
  return files;
}

/** Each file at its own path, which is compared and never opened. */
export function servePageFiles(server: FastifyInstance, files: PageFiles): void {
  for (const [path, { type, bytes }] of files)
    server.route({
      method: "GET",
      url: path,
      ...(path === "/" ? { config: OPENS } : {}),
      handler: async (_request, reply) => reply.type(type).send(bytes),
    });
}

/**
 * What every answer of a server with a page says to browsers: scripts, styles and requests of this origin alone, in no frame, with no
 * window of another page at hand. `workers`: whether the page may start workers.
 */
export const pageHeaders = ({
  workers,
}: {
  readonly workers: boolean;
}): Readonly<Record<string, string>> => ({
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    `worker-src ${workers ? "'self'" : "'none'"}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
});
