import { parseNumber } from "./literals.ts";
import type { Sample } from "./evaluation.ts";
import { dropping, type LabelSet } from "./label-set.ts";

interface Bucket {
  readonly upper: number;
  count: number;
}

const WITHOUT_LE = dropping(["le"]);

/** The q-quantile of classic histograms: by linear interpolation in the bucket that it falls into. */
export function histogramQuantiles(q: number, samples: readonly Sample[]): Sample[] {
  const histograms = new Map<string, { set: LabelSet; buckets: Bucket[] }>();
  for (const { set, value } of samples) {
    const upper = parseNumber(set.labels["le"] ?? "");
    if (upper === undefined || Number.isNaN(upper)) continue;
    const rest = set.project(WITHOUT_LE);
    const found = histograms.get(rest.key);
    const bucket = { upper, count: value };
    if (found) found.buckets.push(bucket);
    else histograms.set(rest.key, { set: rest, buckets: [bucket] });
  }
  return [...histograms.values()].map(({ set, buckets }) => ({ set, value: quantileIn(q, buckets) }));
}

function quantileIn(q: number, given: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const buckets = merged(given);
  const highest = buckets.at(-1);
  if (!highest || highest.upper !== Infinity || buckets.length < 2) return Number.NaN;
  for (let i = 1; i < buckets.length; i++) {
    const [before, bucket] = [buckets[i - 1], buckets[i]];
    // Scraped a moment apart, cumulative counts can seem to fall.
    if (before && bucket && bucket.count < before.count) bucket.count = before.count;
  }
  const observations = highest.count;
  if (observations === 0 || Number.isNaN(observations)) return Number.NaN;
  const rank = q * observations;
  const index = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  if (index < 0) return buckets.at(-2)?.upper ?? Number.NaN;
  const { upper, count } = buckets[index] ?? highest;
  if (index === 0 && upper <= 0) return upper;
  const before = index === 0 ? { upper: 0, count: 0 } : (buckets[index - 1] ?? highest);
  return before.upper + (upper - before.upper) * ((rank - before.count) / (count - before.count));
}

/** In the order of their bounds, buckets with the same bound as one. */
function merged(given: readonly Bucket[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { upper, count } of [...given].sort((a, b) => a.upper - b.upper)) {
    const last = buckets.at(-1);
    if (last?.upper === upper) last.count += count;
    else buckets.push({ upper, count });
  }
  return buckets;
}
