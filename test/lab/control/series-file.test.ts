import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readSeries, writeSeries } from "../../../lab/control/series-file.ts";
import { exampleSimulation } from "../../support/example-simulation.ts";

function journalPath(): string {
  const directory = mkdtempSync(join(tmpdir(), "lblab-series-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "journal.ndjson");
}

it("the requests of a drill are read as they were kept, by their owner only", () => {
  const journal = journalPath();
  const { series } = exampleSimulation();
  writeSeries(journal, series);
  expect(readSeries(journal)).toMatchObject(series);
  expect(statSync(join(journal, "..", "traffic.json")).mode & 0o777).toBe(0o600);
});

it("a drill has no chart when nothing was kept, or what was kept was cut off or is of another form", () => {
  const journal = journalPath();
  expect(readSeries(journal)).toBeUndefined();
  writeSeries(journal, exampleSimulation().series);
  const path = join(journal, "..", "traffic.json");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, -20));
  expect(readSeries(journal)).toBeUndefined();
  writeFileSync(path, text.replace('"schemaVersion":1', '"schemaVersion":2'));
  expect(readSeries(journal)).toBeUndefined();
});
