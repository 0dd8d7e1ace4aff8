import type { Marks } from "./affected.ts";
import type { ProbeRecord } from "./record.ts";

/** Users' requests by the second in which they were sent. */
export interface Seconds {
  add(record: ProbeRecord, mark: number): void;
  /** Requests that were sent from `from` on and before `to`. */
  records(from: number, to: number): ProbeRecord[];
  /** The marks of the same. */
  marks(from: number, to: number): Marks;
  /** Drops what was sent before this moment, by whole seconds. */
  dropBefore(atMs: number): void;
}

/** What was sent in one second of the clock, in that order. */
interface Second {
  readonly records: ProbeRecord[];
  /** Each record's mark: read most often, also of seconds that lie far back in memory. */
  readonly marks: number[];
}

function insert({ records, marks }: Second, record: ProbeRecord, mark: number): void {
  records.push(record);
  marks.push(mark);
  // Answers come in another order, though not by much: its place is near the end. Not by `splice`, which makes an array.
  let place = records.length - 1;
  for (
    let before = records[place - 1];
    before && before.sentAt > record.sentAt;
    before = records[place - 1]
  ) {
    records[place] = before;
    marks[place] = marks[place - 1] as number;
    place -= 1;
  }
  records[place] = record;
  marks[place] = mark;
}

export function createSeconds(): Seconds {
  const bySecond = new Map<number, Second>();

  /** Reports, for everything sent from `from` on and before `to`, its second and its place in it. */
  function each(from: number, to: number, report: (second: Second, i: number) => void): void {
    for (let second = Math.floor(from / 1000); second * 1000 < to; second++) {
      const bucket = bySecond.get(second);
      if (!bucket) continue;
      const { records } = bucket;
      const isWhole = second * 1000 >= from && second * 1000 + 1000 <= to;
      for (let i = 0; i < records.length; i++) {
        if (!isWhole) {
          const sentAt = records[i]?.sentAt ?? 0;
          if (sentAt < from || sentAt >= to) continue;
        }
        report(bucket, i);
      }
    }
  }

  return {
    add(record, mark) {
      const second = Math.floor(record.sentAt / 1000);
      let bucket = bySecond.get(second);
      if (!bucket) bySecond.set(second, (bucket = { records: [], marks: [] }));
      insert(bucket, record, mark);
    },
    records(from, to) {
      const found: ProbeRecord[] = [];
      each(from, to, ({ records }, i) => found.push(records[i] as ProbeRecord));
      return found;
    },
    marks: (from, to) => (report) => each(from, to, ({ marks }, i) => report(marks[i] as number)),
    dropBefore(atMs) {
      for (const second of bySecond.keys()) {
        // Buckets come nearly in order: the first young one ends the search.
        if (second * 1000 + 1000 > atMs) break;
        bySecond.delete(second);
      }
    },
  };
}
