import type { Labels, SampleStore, SeriesWriter } from "../samples.ts";

/** The series of one target: written by their text, and ended when a scrape no longer has them. */
export interface TargetSeries {
  /** Whether `write` needs no labels for this text. */
  knows(text: string): boolean;
  /** Begins a scrape; the series written until `end` are all that the target has. */
  begin(atMs: number): void;
  /** `text` identifies the series; `labels` is only called for a new one. */
  write(text: string, value: number, atMs: number | undefined, labels: () => Labels): void;
  /** Ends every series that this scrape did not have. Returns how many samples it had. */
  end(): number;
  /** The scrape failed: all of the target's series have ended. */
  fail(atMs: number): void;
}

/** As in Prometheus. One sample from far ahead would make all others too old to be kept. */
const MAX_AHEAD_MS = 10 * 60_000;

interface Known {
  readonly writer: SeriesWriter | undefined;
  turn: number;
  /** Has timestamps of its own: such a series gets no staleness marker, as in Prometheus. */
  stamped: boolean;
}

export function createTargetSeries(store: SampleStore, own: Labels): TargetSeries {
  const known = new Map<string, Known>();
  let turn = 0;
  let at = 0;
  let count = 0;

  function endOthers(): void {
    for (const [text, series] of known) {
      if (series.turn === turn) continue;
      if (!series.stamped) series.writer?.stale(at);
      known.delete(text);
    }
  }

  return {
    knows: (text) => known.has(text),
    begin(atMs) {
      turn += 1;
      at = atMs;
      count = 0;
    },
    write(text, value, stamp, labels) {
      count += 1;
      let series = known.get(text);
      if (!series) {
        series = { writer: store.series(placed(labels(), own)), turn, stamped: false };
        known.set(text, series);
      }
      series.turn = turn;
      series.stamped = stamp !== undefined;
      if (stamp === undefined || stamp <= at + MAX_AHEAD_MS) series.writer?.append(stamp ?? at, value);
    },
    end() {
      endOthers();
      return count;
    },
    fail(atMs) {
      turn += 1;
      at = atMs;
      endOthers();
    },
  };
}

/** Adds the target's own labels; scraped labels of the same name are kept as `exported_`, as in Prometheus. */
export function placed(labels: Labels, own: Labels): Labels {
  const made: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    let free = name;
    while (Object.hasOwn(own, free) || (free !== name && Object.hasOwn(labels, free)))
      free = `exported_${free}`;
    made[free] = value;
  }
  return Object.assign(made, own);
}
