import { z } from "zod";
import type { TrafficSeries } from "./series.ts";

const counts = z.array(z.number().min(0)).max(1_000_000);
const written = z.object({
  schemaVersion: z.literal(1),
  fromMs: z.number(),
  bucketMs: z.number().positive(),
  upstreams: z.record(z.string(), counts),
  sent: counts,
  routes: z.record(z.string(), z.object({ sent: counts, failed: counts })),
});

/** The text of a file that is kept beside a drill's journal. */
export const seriesText = (series: TrafficSeries): string =>
  `${JSON.stringify({ schemaVersion: 1, ...series })}\n`;

/** Undefined where the text is none of that. */
export function readSeriesText(text: string): TrafficSeries | undefined {
  try {
    return written.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
