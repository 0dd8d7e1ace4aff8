import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PLAIN_SHOP } from "../../../scenarios/index.ts";
import { composeFiles } from "./committed.ts";
import type { PackageLock } from "./docker-ignore.ts";

/** `npm run compose`: writes everything that a plain `docker compose up` needs into the checkout. */
const root = process.argv[2] ?? ".";
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as PackageLock;
for (const [path, text] of Object.entries(composeFiles(PLAIN_SHOP, lock))) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  // Whoever the programs run as has to read them.
  chmodSync(join(root, path), 0o644);
}
