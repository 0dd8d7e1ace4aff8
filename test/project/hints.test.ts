import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

test("a hint names commands as they are run in a checkout and where the package is installed, alike", () => {
  const found = ["lab", "lb", "runtime"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => {
        const hints = readFileSync(join(ROOT, folder, name), "utf8").match(/\bhint: ["`'].*/g) ?? [];
        return hints.filter((hint) => /(?<!npx )\blblab [a-z]/.test(hint)).map((hint) => `${name}: ${hint}`);
      }),
  );
  expect(found).toEqual([]);
});
