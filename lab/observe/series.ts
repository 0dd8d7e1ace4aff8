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
  return new RingSeries(labels, openLeft);
}

/** A class: a store has thousands. */
class RingSeries implements Series {
  readonly labels: Labels;
  private readonly openLeft: boolean;
  private times = new Float64Array(FIRST_CAPACITY);
  private values = new Float64Array(FIRST_CAPACITY);
  private stale = new Uint8Array(FIRST_CAPACITY);
  private start = 0;
  private end = 0;

  constructor(labels: Labels, openLeft: boolean) {
    this.labels = labels;
    this.openLeft = openLeft;
  }

  get count(): number {
    return this.end - this.start;
  }

  get lastAt(): number {
    return this.end > this.start ? (this.times[this.end - 1] ?? -Infinity) : -Infinity;
  }

  append(at: number, value: number, marker: boolean): boolean {
    if (this.end > this.start && at <= (this.times[this.end - 1] ?? 0)) return false;
    if (this.end === this.times.length) this.makeRoom();
    this.times[this.end] = at;
    this.values[this.end] = value;
    this.stale[this.end] = marker ? 1 : 0;
    this.end += 1;
    return true;
  }

  forget(until: number): void {
    while (this.start < this.end && (this.times[this.start] ?? 0) <= until) this.start += 1;
  }

  last(from: number, to: number): ReturnType<SeriesReader["last"]> {
    const { start, end, times } = this;
    // Nearly always the newest sample of all is requested.
    const i = end > start && (times[end - 1] ?? 0) <= to ? end - 1 : this.after(to) - 1;
    if (i < start || this.stale[i] === 1) return undefined;
    const at = times[i] ?? 0;
    if (this.openLeft ? at <= from : at < from) return undefined;
    return { atMs: at, value: this.values[i] ?? Number.NaN };
  }

  read(from: number, to: number, window: SampleWindow): void {
    const { start, end, times, values, stale } = this;
    let count = 0;
    const first = this.after(this.openLeft ? from : from - 1e-6);
    const last = end > start && (times[end - 1] ?? 0) <= to ? end : this.after(to);
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
  }

  /** Makes room for one more: by moving to the front when a quarter of the room is waste, else by doubling it. */
  private makeRoom(): void {
    const { start, end, times } = this;
    const count = end - start;
    const capacity = count * 4 > times.length * 3 ? times.length * 2 : times.length;
    const moved = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from.subarray(start, end));
      return to;
    };
    this.times = moved(times, new Float64Array(capacity));
    this.values = moved(this.values, new Float64Array(capacity));
    this.stale = moved(this.stale, new Uint8Array(capacity));
    this.start = 0;
    this.end = count;
  }

  /** Index of the first sample that is later than `at`. */
  private after(at: number): number {
    const { times } = this;
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

export const createWindow = (): SampleWindow => ({
  times: new Float64Array(256),
  values: new Float64Array(256),
  count: 0,
});
