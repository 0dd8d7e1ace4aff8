import type { FastifyInstance } from "fastify";

/** Every path of a server with its methods (HEAD left out), as the server itself lists them: what is added later is among them. */
export function readPaths(server: FastifyInstance): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  const above: string[] = [];
  for (const line of server.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent = "", part = "", methods = ""] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    if (part === "") continue;
    above.length = indent.length / 4;
    above.push(part);
    const own = methods.split(", ").filter((method) => method !== "HEAD" && method !== "");
    const path = above.join("");
    const known = paths.get(path)?.split(", ") ?? [];
    if (own.length > 0) paths.set(path, [...new Set([...known, ...own])].sort().join(", "));
  }
  return paths;
}
