/** Latencies in classes of 10 microseconds, up to a second: constant memory, and cheap to add to. */
export interface Latencies {
  add(ms: number): void;
  /** The latency in milliseconds that a share `ratio` (0..1) of them does not exceed; NaN when there is none. */
  quantile(ratio: number): number;
}

const PER_MS = 100;
const LONGEST_MS = 1000;

export function createLatencies(): Latencies {
  const counts = new Float64Array(PER_MS * LONGEST_MS + 1);
  let total = 0;
  return {
    add(ms) {
      const index = Math.min(Math.max(0, Math.floor(ms * PER_MS)), counts.length - 1);
      counts[index] = (counts[index] ?? 0) + 1;
      total += 1;
    },
    quantile(ratio) {
      let left = total * ratio;
      for (const [index, count] of counts.entries()) {
        left -= count;
        if (total > 0 && left <= 0) return (index + 1) / PER_MS;
      }
      return Number.NaN;
    },
  };
}
