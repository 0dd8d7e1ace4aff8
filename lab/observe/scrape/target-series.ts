import type { Labels, SampleStore, SeriesWriter } from "../samples.ts";

/** The series of one target: written by their text, and ended when a scrape does not have them any more. */
export interface TargetSeries {
  /** Begins a scrape; what `write` is given until `end` is all that the target has. */
  begin(atMs: number): void;
  /** `text` stands for `labels`, which are only asked for the first time. */
  write(text: string, value: number, atMs: number | undefined, labels: () => Labels): void;
  /** Ends every series that this scrape did not have. Returns how many it had. */
  end(): number;
  /** The scrape came to nothing: all of the target's series have ended. */
  fail(atMs: number): void;
}

interface Known {
  readonly writer: SeriesWriter | undefined;
  turn: number;
}

export function createTargetSeries(store: SampleStore, own: Labels): TargetSeries {
  const known = new Map<string, Known>();
  let turn = 0;
  let at = 0;
  let count = 0;

  function endOthers(): void {
    for (const [text, series] of known) {
      if (series.turn === turn) continue;
      series.writer?.stale(at);
      known.delete(text);
    }
  }

  return {
    begin(atMs) {
      turn += 1;
      at = atMs;
      count = 0;
    },
    write(text, value, stamp, labels) {
      count += 1;
      let series = known.get(text);
      if (!series) known.set(text, (series = { writer: store.series(placed(labels(), own)), turn }));
      series.turn = turn;
      series.writer?.append(stamp ?? at, value);
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
  const clash = Object.keys(own).filter((name) => name in labels);
  if (clash.length === 0) return { ...labels, ...own };
  const moved = Object.fromEntries(clash.map((name) => [`exported_${name}`, labels[name] ?? ""]));
  return { ...labels, ...moved, ...own };
}
