import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readSeriesText, seriesText } from "../chart/series-text.ts";
import type { TrafficSeries } from "../chart/series.ts";

const pathBeside = (journal: string): string => join(dirname(journal), "traffic.json");

/** Keeps the requests of a drill by the second beside its journal: what a chart of it shows. Throws the system's error. */
export const writeSeries = (journal: string, series: TrafficSeries): void =>
  writeFileSync(pathBeside(journal), seriesText(series), { mode: 0o600 });

/** Undefined where there is none, or none that can be read: of a drill of an earlier lab, or one that was cut off. */
export function readSeries(journal: string): TrafficSeries | undefined {
  try {
    return readSeriesText(readFileSync(pathBeside(journal), "utf8"));
  } catch {
    return undefined;
  }
}
