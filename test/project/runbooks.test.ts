import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const ALERTS = join(ROOT, "dashboards", "alerts");
const rules = readdirSync(ALERTS)
  .filter((name) => name.endsWith(".rules.yml"))
  .map((name) => readFileSync(join(ALERTS, name), "utf8"))
  .join("\n");
const sections = [...readFileSync(join(ROOT, "docs", "runbooks.md"), "utf8").matchAll(/^## (\w+)$/gm)].map(
  ([, name = ""]) => name,
);

test("every alert points to its own section of the runbooks, and no section is left without an alert", () => {
  const alerts = [...rules.matchAll(/- alert: (\w+)[\s\S]*?runbook: (\S+)/g)];
  expect(alerts.length).toBeGreaterThan(10);
  for (const [, alert = "", runbook] of alerts)
    expect(runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
  const named = new Set(alerts.map(([, alert = ""]) => alert));
  expect([...sections].sort()).toEqual([...named].sort());
});
