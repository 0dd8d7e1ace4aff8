import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPlain } from "../../runtime/yaml/read-plain.ts";

const RULES = /\.rules\.yml$/;

/** Names of all alerts that the checkout's rules can fire. */
export function alertNames(root: string): ReadonlySet<string> {
  const directory = join(root, "dashboards", "alerts");
  const files = readdirSync(directory).filter((name) => RULES.test(name));
  return new Set(
    files.flatMap((name) => {
      const { groups } = readPlain(readFileSync(join(directory, name), "utf8")) as {
        readonly groups: readonly { readonly rules: readonly { readonly alert?: string }[] }[];
      };
      return groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
    }),
  );
}
