import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { TrafficSeries } from "../chart/series.ts";

const counts = z.array(z.number().min(0)).max(1_000_000);
const file = z.object({
  schemaVersion: z.literal(1),
  fromMs: z.number(),
  bucketMs: z.number().positive(),
  upstreams: z.record(z.string(), counts),
  sent: counts,
  routes: z.record(z.string(), z.object({ sent: counts, failed: counts })),
});

const pathBeside = (journal: string): string => join(dirname(journal), "traffic.json");

/** Keeps the requests of a drill by the second beside its journal: what a chart of it shows. Throws the system's error. */
export const writeSeries = (journal: string, series: TrafficSeries): void =>
  writeFileSync(pathBeside(journal), `${JSON.stringify({ schemaVersion: 1, ...series })}\n`, { mode: 0o600 });

/** Undefined where there is none, or none that can be read: of a drill of an earlier lab, or one that was cut off. */
export function readSeries(journal: string): TrafficSeries | undefined {
  try {
    return file.parse(JSON.parse(readFileSync(pathBeside(journal), "utf8")));
  } catch {
    return undefined;
  }
}
