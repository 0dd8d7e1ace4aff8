import type { Labels, SampleStore, SeriesWriter } from "../samples.ts";

/** The series of one target: written by their text, and ended when a scrape does not have them any more. */
export interface TargetSeries {
  /** Whether `write` can do without labels for this text. */
  knows(text: string): boolean;
  /** Begins a scrape; what `write` is given until `end` is all that the target has. */
  begin(atMs: number): void;
  /** `text` stands for `labels`, which are only asked for the first time. */
  write(text: string, value: number, atMs: number | undefined, labels: () => Labels): void;
  /** Ends every series that this scrape did not have. Returns how many samples it had. */
  end(): number;
  /** The scrape came to nothing: all of the target's series have ended. */
  fail(atMs: number): void;
}

/** As with Prometheus. One sample from far ahead would make all that there is too old to be kept. */
const MAX_AHEAD_MS = 10 * 60_000;

interface Known {
  readonly writer: SeriesWriter | undefined;
  turn: number;
  /** Tells its own time: such a series ends by growing old, as with Prometheus. */
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

/** With the target's own labels; what the target calls the same is kept beside them, as Prometheus does it. */
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
