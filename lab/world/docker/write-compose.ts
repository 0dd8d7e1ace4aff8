import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PLAIN_SHOP } from "../../../scenarios/index.ts";
import { composeFiles } from "./committed.ts";

/** `npm run compose`: writes everything that a plain `docker compose up` needs into the checkout. */
const root = process.argv[2] ?? ".";
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
for (const [path, text] of Object.entries(composeFiles(PLAIN_SHOP, version))) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  // The user that the programs run as has to read them.
  chmodSync(join(root, path), 0o644);
}
