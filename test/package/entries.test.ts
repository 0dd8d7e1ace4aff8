import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** What the lab does with scenarios, and no author of one needs. */
const FOR_THE_LAB = [
  "GuardAction",
  "isGuardAction",
  "CanaryEndAction",
  "action",
  "describeAction",
  "mechanismsWith",
  "OWN_WORDS_AT_LEAST",
  "PACES",
  "paceOf",
  "playbookAt",
  "saidOf",
];

it("outage-lab/scenario has everything that a scenario is written with", () => {
  const entry = new Set(read("package/scenario.ts").match(/\w+/g));
  const names = [
    "action",
    "claim",
    "diagnosis",
    "playbook",
    "scenario",
    "shop",
    "statement",
    "timing",
  ].flatMap((file) =>
    Array.from(
      read(`scenarios/${file}.ts`).matchAll(/^export (?:async )?(?:const|function|interface|type) (\w+)/gm),
      ([, name = ""]) => name,
    ),
  );
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !entry.has(name) && !FOR_THE_LAB.includes(name))).toEqual([]);
  expect(FOR_THE_LAB.filter((name) => !names.includes(name))).toEqual([]);
});
