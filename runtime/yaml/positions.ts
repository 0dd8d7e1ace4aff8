import { EVENT_ID, type Event } from "js-yaml";
import { offsetOf, readEvents } from "./events.ts";
import type { Path } from "./fault.ts";
import { scalarValue } from "./scalar.ts";

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** Positions of a document's fields in its text. */
export interface Positions {
  /** Of the value at `path`, or of the nearest thing around it that exists. */
  ofValue(path: Path): Position;
  /** Of the name of the field at `path`, or of the nearest thing around it that exists. */
  ofKey(path: Path): Position;
  ofOffset(offset: number): Position;
}

interface Place {
  readonly offset: number | undefined;
  readonly keyOffset: number | undefined;
  readonly children: ReadonlyMap<string | number, Place>;
}

/** Parses at the first request, and keeps only the text until then: most texts have no fault. */
export function createPositions(text: string): Positions {
  let root: Place | undefined;
  let lineStarts: number[] | undefined;

  function ofOffset(offset: number): Position {
    lineStarts ??= [0, ...Array.from(text.matchAll(/\r\n?|\n/g), (end) => end.index + end[0].length)];
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  }

  /** Offsets of the key and of the value at `path`. */
  function walk(path: Path): { readonly key: number; readonly value: number } {
    let place = (root ??= placesOf(text));
    let key = place.offset ?? 0;
    let value = key;
    for (const step of path) {
      const child = place.children.get(step);
      if (child === undefined) break;
      value = child.offset ?? child.keyOffset ?? value;
      key = child.keyOffset ?? value;
      place = child;
    }
    return { key, value };
  }

  return {
    ofValue: (path) => ofOffset(walk(path).value),
    ofKey: (path) => ofOffset(walk(path).key),
    ofOffset,
  };
}

const NO_CHILDREN: ReadonlyMap<string | number, Place> = new Map();

function placesOf(text: string): Place {
  const read = readEvents(text);
  const events = read.ok ? read.events : [];
  const anchored = new Map<string, ReadonlyMap<string | number, Place>>();
  let next = 1;

  function place(keyOffset: number | undefined): Place {
    const event = events[next++];
    const offset = offsetOf(text, event);
    if (event?.type === EVENT_ID.ALIAS) {
      const children = anchored.get(text.slice(event.anchorStart, event.anchorEnd)) ?? NO_CHILDREN;
      return { offset, keyOffset, children };
    }
    if (event?.type !== EVENT_ID.MAPPING && event?.type !== EVENT_ID.SEQUENCE)
      return { offset, keyOffset, children: NO_CHILDREN };
    const children = new Map<string | number, Place>();
    if (event.anchorStart >= 0) anchored.set(text.slice(event.anchorStart, event.anchorEnd), children);
    for (let index = 0; isMore(events[next]); index++)
      if (event.type === EVENT_ID.SEQUENCE) children.set(index, place(undefined));
      else {
        const key = events[next];
        const at = place(undefined).offset;
        const name = key?.type === EVENT_ID.SCALAR ? String(scalarValue(text, key, undefined)) : "";
        const value = place(at);
        // Of a duplicate name the first counts.
        if (!children.has(name)) children.set(name, value);
      }
    next++;
    return { offset, keyOffset, children };
  }

  return place(undefined);
}

/** False at the end of a collection. */
export function isMore(event: Event | undefined): boolean {
  return event !== undefined && event.type !== EVENT_ID.POP;
}
