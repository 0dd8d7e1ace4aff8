import type { Sample } from "./evaluation.ts";
import { parseGoFloat } from "./go-numbers.ts";
import { droppingOnly, NAMELESS, type LabelSet } from "./label-set.ts";
import { byValue } from "./sums.ts";
import { labelValue } from "../label-value.ts";

interface Bucket {
  readonly upper: number;
  count: number;
}

const WITHOUT_LE = droppingOnly(["le"]);

export interface QuantileNotes {
  /** A bucket whose bound is no number. */
  badBound(text: string): void;
  /** Cumulative counts that fell, and were raised to be monotonic. */
  forced(mended: Mended): void;
}

/** The bounds between which counts were mended, and the greatest change. */
export interface Mended {
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

/** The q-quantile of classic histograms: by linear interpolation in the bucket that it falls into. */
export function histogramQuantiles(q: number, samples: readonly Sample[], notes: QuantileNotes): Sample[] {
  const histograms = new Map<string, { set: LabelSet; buckets: Bucket[] }>();
  for (const { set, value } of samples) {
    const text = labelValue(set.labels, "le");
    const upper = parseGoFloat(text);
    if (upper === undefined) {
      notes.badBound(text);
      continue;
    }
    // Buckets of two metrics are two histograms, which may collide when their names are dropped.
    const rest = set.project(WITHOUT_LE);
    const found = histograms.get(rest.key);
    const bucket = { upper, count: value };
    if (found) found.buckets.push(bucket);
    else histograms.set(rest.key, { set: rest, buckets: [bucket] });
  }
  return [...histograms.values()].map(({ set, buckets }) => ({
    set: set.project(NAMELESS),
    value: quantileIn(q, buckets, notes),
  }));
}

function quantileIn(q: number, given: readonly Bucket[], notes: QuantileNotes): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const buckets = merged(given);
  const highest = buckets.at(-1);
  if (!highest || highest.upper !== Infinity) return Number.NaN;
  const mended = madeMonotonic(buckets);
  if (mended) notes.forced(mended);
  const observations = highest.count;
  if (observations === 0 || buckets.length < 2) return Number.NaN;
  const rank = q * observations;
  const index = firstWith(buckets, rank);
  if (index === buckets.length - 1) return buckets.at(-2)?.upper ?? Number.NaN;
  const { upper, count } = buckets[index] ?? highest;
  if (index === 0 && upper <= 0) return upper;
  const before = index === 0 ? { upper: 0, count: 0 } : (buckets[index - 1] ?? highest);
  return before.upper + (upper - before.upper) * ((rank - before.count) / (count - before.count));
}

/** Counts that differ by less than this ratio differ by rounding only. */
const ROUNDING = 1e-12;
/** The smallest number of full precision. */
const MIN_NORMAL = 2.2250738585072014e-308;

/** Makes cumulative counts monotonic: buckets scraped a moment apart can seem to fall. */
function madeMonotonic(buckets: readonly Bucket[]): Mended | undefined {
  let mended: Mended | undefined;
  let before = buckets[0]?.count ?? 0;
  for (const bucket of buckets.slice(1)) {
    const { upper, count } = bucket;
    if (count === before) continue;
    const isRounding = nearly(before, count);
    if (!isRounding && !(count < before)) {
      before = count;
      continue;
    }
    bucket.count = before;
    if (isRounding) continue;
    const { from = upper, most = 0 } = mended ?? {};
    mended = { from, to: upper, most: Math.max(most, before - count) };
  }
  return mended;
}

function nearly(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const size = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || size < MIN_NORMAL) return Math.abs(a - b) < ROUNDING * MIN_NORMAL;
  return Math.abs(a - b) / Math.min(size, Number.MAX_VALUE) < ROUNDING;
}

/** The first bucket but the last with at least this count, by binary search as in Prometheus: counts may be NaN. */
function firstWith(buckets: readonly Bucket[], rank: number): number {
  let low = 0;
  let high = buckets.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((buckets[middle]?.count ?? 0) >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Sorts buckets by their bounds, and merges those with the same bound. */
function merged(given: readonly Bucket[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { upper, count } of [...given].sort((a, b) => byValue(a.upper, b.upper))) {
    const last = buckets.at(-1);
    if (last?.upper === upper) last.count += count;
    else buckets.push({ upper, count });
  }
  return buckets;
}
