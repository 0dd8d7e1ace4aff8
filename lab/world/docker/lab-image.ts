import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export const IMAGE_REPOSITORY = "outage-lab";

/**
 * The image of this checkout's programs, named by the digest of everything that the Dockerfile builds from: after an upgrade
 * the name is another one, and the image is built.
 */
export function labImage(root: string): string {
  const hash = createHash("sha256");
  for (const path of contextOf(root)) hashInto(hash, root, path);
  return `${IMAGE_REPOSITORY}:${hash.digest("hex").slice(0, 12)}`;
}

/** What .dockerignore lets through. */
function contextOf(root: string): readonly string[] {
  const lines = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  return ["Dockerfile", ...lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1).trim())];
}

function hashInto(hash: ReturnType<typeof createHash>, root: string, path: string): void {
  const full = join(root, path);
  if (!statSync(full).isDirectory()) {
    hash.update(`${path}\0`).update(readFileSync(full)).update("\0");
    return;
  }
  for (const name of readdirSync(full).sort()) hashInto(hash, root, `${path}/${name}`);
}
