/** Dots that may start on one way in a second: more of them are no longer told apart. */
export const DOTS_PER_SECOND = 25;
/** Dots that may be on their way at once. */
export const MOST_DOTS = 300;
const DOWN_AFTER_MS = 3000;
const OVER_MS = 2000;

/** How many requests one dot stands for, by what came of late. Times are milliseconds of the viewer, not of the lab. */
export interface DotScale {
  /** One batch: how many requests came by each way, and in how many samples. */
  add(at: number, byWay: ReadonlyMap<string, number>, samples: number): void;
  readonly requestsPerDot: number;
}

interface Batch {
  readonly at: number;
  readonly byWay: ReadonlyMap<string, number>;
  readonly samples: number;
}

/** The next of 1, 2, 5, 10, 20, 50 and so on. */
export function roundUp(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** What one dot must stand for: no way has too many of them, there are not too many in all, and no sample is drawn twice. */
function needed(batches: readonly Batch[], seconds: number, travelSeconds: number): number {
  const byWay = new Map<string, number>();
  for (const batch of batches)
    for (const [way, count] of batch.byWay) byWay.set(way, (byWay.get(way) ?? 0) + count);
  const all = [...byWay.values()].reduce((sum, count) => sum + count, 0);
  const samples = batches.reduce((sum, batch) => sum + batch.samples, 0);
  return Math.max(
    Math.max(0, ...byWay.values()) / seconds / DOTS_PER_SECOND,
    ((all / seconds) * travelSeconds) / MOST_DOTS,
    samples === 0 ? 1 : all / samples,
  );
}

/** Goes up at once, and down when less has been enough for three seconds: a legend that flickers says nothing. */
export function createDotScale(travelSeconds = 1.2): DotScale {
  let batches: Batch[] = [];
  let requestsPerDot = 1;
  let enoughSince: number | undefined;
  return {
    add(at, byWay, samples) {
      batches = [...batches.filter((batch) => batch.at > at - OVER_MS), { at, byWay, samples }];
      const spanMs = at - (batches[0]?.at ?? at);
      // Of the first batches nobody knows yet how often they come: they count as a quarter of a second each.
      const seconds = Math.max(0.25, (spanMs * batches.length) / Math.max(1, batches.length - 1) / 1000);
      const wanted = roundUp(needed(batches, seconds, travelSeconds));
      if (wanted >= requestsPerDot) {
        requestsPerDot = wanted;
        enoughSince = undefined;
        return;
      }
      enoughSince ??= at;
      if (at - enoughSince < DOWN_AFTER_MS) return;
      requestsPerDot = wanted;
      enoughSince = undefined;
    },
    get requestsPerDot() {
      return requestsPerDot;
    },
  };
}
