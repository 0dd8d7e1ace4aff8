import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replay } from "../../lab/cli/simulate/replay.ts";
import { nodePlatform } from "../../lab/world/simulated/node-platform.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

/** What `lblab replay LINK --json` answers, whose exit code is beside it. */
export async function replayed(link: string): Promise<{ readonly exit: number; readonly equal: unknown }> {
  const documents: { readonly equal: unknown }[] = [];
  const exit = await replay(link, {
    release: version,
    platform: nodePlatform(join(ROOT, "dashboards")),
    signal: AbortSignal.timeout(120_000),
    output: {
      json: true,
      interactive: false,
      width: Infinity,
      print: () => {},
      note: () => {},
      printJson: (value) => void documents.push(value as { readonly equal: unknown }),
    },
  });
  return { exit, equal: documents[0]?.equal };
}
