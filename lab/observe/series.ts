import type { Labels, SampleWindow, SeriesReader } from "./samples.ts";

/** The samples of one series in the order of time, in a growing ring buffer. */
export interface Series extends SeriesReader {
  /** False: not newer than the last one, so dropped. */
  append(atMs: number, value: number, stale: boolean): boolean;
  /** Drops samples at this time and before. */
  forget(untilMs: number): void;
  readonly count: number;
  /** Of the newest sample or marker; -Infinity without any. */
  readonly lastAt: number;
}

const FIRST_CAPACITY = 32;

/** `openLeft` false: ranges include their left edge, as in Prometheus 2. */
export function createSeries(labels: Labels, openLeft: boolean): Series {
  let times = new Float64Array(FIRST_CAPACITY);
  let values = new Float64Array(FIRST_CAPACITY);
  let stale = new Uint8Array(FIRST_CAPACITY);
  let start = 0;
  let end = 0;

  /** Makes room for one more: by moving to the front when a quarter of the room is waste, else by doubling it. */
  function makeRoom(): void {
    const count = end - start;
    const capacity = count * 4 > times.length * 3 ? times.length * 2 : times.length;
    const moved = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from.subarray(start, end));
      return to;
    };
    times = moved(times, new Float64Array(capacity));
    values = moved(values, new Float64Array(capacity));
    stale = moved(stale, new Uint8Array(capacity));
    start = 0;
    end = count;
  }

  /** Index of the first sample that is later than `at`. */
  function after(at: number): number {
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  const firstIn = (from: number): number => (openLeft ? after(from) : after(from - 1e-6));

  return {
    labels,
    append(at, value, marker) {
      if (end > start && at <= (times[end - 1] ?? 0)) return false;
      if (end === times.length) makeRoom();
      times[end] = at;
      values[end] = value;
      stale[end] = marker ? 1 : 0;
      end += 1;
      return true;
    },
    forget(until) {
      while (start < end && (times[start] ?? 0) <= until) start += 1;
    },
    get count() {
      return end - start;
    },
    get lastAt() {
      return end > start ? (times[end - 1] ?? -Infinity) : -Infinity;
    },
    last(from, to) {
      // Nearly always the newest sample of all is requested.
      const i = end > start && (times[end - 1] ?? 0) <= to ? end - 1 : after(to) - 1;
      if (i < start || stale[i] === 1) return undefined;
      const at = times[i] ?? 0;
      if (openLeft ? at <= from : at < from) return undefined;
      return { atMs: at, value: values[i] ?? Number.NaN };
    },
    read(from, to, window) {
      let count = 0;
      const first = firstIn(from);
      const last = end > start && (times[end - 1] ?? 0) <= to ? end : after(to);
      if (window.times.length < last - first) {
        window.times = new Float64Array(2 * (last - first));
        window.values = new Float64Array(2 * (last - first));
      }
      for (let i = first; i < last; i++) {
        if (stale[i] === 1) continue;
        window.times[count] = times[i] ?? 0;
        window.values[count] = values[i] ?? 0;
        count += 1;
      }
      window.count = count;
    },
  };
}

export const createWindow = (): SampleWindow => ({
  times: new Float64Array(256),
  values: new Float64Array(256),
  count: 0,
});
