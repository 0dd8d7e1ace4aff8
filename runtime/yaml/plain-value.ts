import { EVENT_ID, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from "js-yaml";
import { createAliases, type Aliases } from "./aliases.ts";
import { offsetOf } from "./events.ts";
import { quote, type Path } from "./fault.ts";
import { isMore } from "./positions.ts";
import { scalarText, scalarValue } from "./scalar.ts";

/** A mapping or a list with more entries is no configuration: it is not read to its end. */
export const MAX_ENTRIES = 50_000;
/** Limit of searches for a first key: each scans a mapping from its beginning. */
const MAX_SEARCHES = 50;
/** Names with a meaning in JavaScript: they could change objects outside of the document. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const SCALAR_TAG = /^!!(str|int|float|bool|null)$/;

/** Reports a fault at an offset; the text is made only when the fault is kept. */
export type Refuse = (offset: number, message: string | (() => string), path?: Path) => void;

export interface PlainValueConfig {
  readonly refuse: Refuse;
  readonly lineAt: (offset: number) => number;
  /** Numbers and booleans stay as they are written. */
  readonly asText: boolean;
}

/** Thrown to stop reading. */
export class TooManyEntries extends Error {
  readonly offset: number;
  readonly path: Path;

  constructor(offset: number, path: Path) {
    super("too many entries");
    this.offset = offset;
    this.path = path;
  }
}

/** Where the reader of a document's events is. */
interface Reading extends PlainValueConfig {
  readonly text: string;
  readonly events: readonly Event[];
  readonly aliases: Aliases;
  /** Path of the current value: changed in place, since most paths are never reported. */
  readonly path: (string | number)[];
  /** The event that is read next. */
  next: number;
  /** Values read so far, those of aliases included. */
  values: number;
  searches: number;
}

/** An event that is a value, and no alias. */
type ValueEvent = ScalarEvent | SequenceEvent | MappingEvent;

/** The value of a document from its events. Throws TooManyEntries. */
export function plainValue(text: string, events: readonly Event[], config: PlainValueConfig): unknown {
  const aliases = createAliases();
  return read({ ...config, text, events, aliases, path: [], next: 1, values: 0, searches: 0 });
}

function read(at: Reading): unknown {
  const event = at.events[at.next++];
  at.values++;
  switch (event?.type) {
    case EVENT_ID.ALIAS:
      return follow(at, at.text.slice(event.anchorStart, event.anchorEnd), event.anchorStart - 1);
    case EVENT_ID.SCALAR:
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      if (event.anchorStart < 0) return content(at, event);
      return anchor(at, event);
    default:
      return null;
  }
}

function anchor(at: Reading, event: ValueEvent): unknown {
  return at.aliases.define(at.text.slice(event.anchorStart, event.anchorEnd), () => {
    const before = at.values;
    const value = content(at, event);
    return { value, size: at.values - before + 1 };
  });
}

function follow(at: Reading, name: string, offset: number): unknown {
  const anchored = at.aliases.follow(name, (message) => at.refuse(offset, message, at.path));
  at.values += anchored?.size ?? 0;
  return anchored?.value;
}

function content(at: Reading, event: ValueEvent): unknown {
  const tag = tagOf(at, event);
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return scalar(at, event, tag);
    case EVENT_ID.SEQUENCE:
      return sequence(at);
    case EVENT_ID.MAPPING:
      return mapping(at);
  }
}

/** The tag of an event, if it has an allowed one. */
function tagOf({ text, refuse, path }: Reading, event: ValueEvent): string | undefined {
  if (event.tagStart < 0) return undefined;
  const tag = text.slice(event.tagStart, event.tagEnd);
  const kind =
    event.type === EVENT_ID.SCALAR ? SCALAR_TAG : event.type === EVENT_ID.MAPPING ? "!!map" : "!!seq";
  if (typeof kind === "string" ? tag === kind : kind.test(tag)) return tag;
  refuse(
    offsetOf(text, event) ?? event.tagStart,
    `has the tag ${quote(tag)}, allowed are YAML's own types`,
    path,
  );
  return undefined;
}

function scalar(
  { text, refuse, path, asText }: Reading,
  event: ScalarEvent,
  tag: string | undefined,
): unknown {
  const value = scalarValue(text, event, tag);
  if (value === undefined) refuse(offsetOf(text, event) ?? 0, `is not what its tag ${quote(tag)} says`, path);
  return asText && value !== null ? scalarText(text, event) : value;
}

function sequence(at: Reading): unknown {
  const { text, events, path } = at;
  const list: unknown[] = [];
  for (; isMore(events[at.next]); path.pop()) {
    if (list.length === MAX_ENTRIES)
      throw new TooManyEntries(offsetOf(text, events[at.next]) ?? 0, [...path]);
    path.push(list.length);
    list.push(read(at));
  }
  at.next++;
  return list;
}

function mapping(at: Reading): unknown {
  const { text, events, path } = at;
  const object: Record<string, unknown> = {};
  const first = at.next;
  let entries = 0;
  while (isMore(events[at.next])) {
    const key = events[at.next];
    if (++entries > MAX_ENTRIES) throw new TooManyEntries(offsetOf(text, key) ?? 0, [...path]);
    let name: unknown;
    if (key?.type === EVENT_ID.SCALAR) name = read(at);
    else skip(at);
    const refusal = refusalOf(at, name, { object, first });
    if (refusal === undefined) {
      path.push(name as string);
      object[name as string] = read(at);
      path.pop();
    } else {
      const offset = offsetOf(text, key) ?? offsetOf(text, events[at.next]) ?? 0;
      at.refuse(offset, refusal.message, refusal.named ? [...path, name as string] : path);
      skip(at);
    }
  }
  at.next++;
  return object;
}

/** Why a mapping takes no field of this name; `named`: the fault is that field's, and not the mapping's. */
function refusalOf(
  at: Reading,
  name: unknown,
  { object, first }: { readonly object: Readonly<Record<string, unknown>>; readonly first: number },
): { readonly message: string | (() => string); readonly named: boolean } | undefined {
  if (typeof name !== "string")
    return { message: "a field's name must be text: put it in quotes", named: false };
  if (FORBIDDEN_KEYS.has(name)) return { message: "is not a name that a field may have", named: true };
  if (name === "<<") return { message: "merging with << is not supported, repeat the fields", named: false };
  if (!Object.hasOwn(object, name)) return undefined;
  return { message: () => `is given twice${whereFirst(at, name, first)}`, named: true };
}

/** Skips one value with all its content. */
function skip(at: Reading): void {
  let open = 0;
  do {
    const event = at.events[at.next++];
    if (event?.type === EVENT_ID.POP) open -= 1;
    else if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) open += 1;
  } while (open > 0);
}

function whereFirst(at: Reading, name: string, first: number): string {
  return at.searches++ < MAX_SEARCHES ? `, first on line ${lineOfFirst(at, name, first)}` : "";
}

/** The line of the first key of this name in the mapping whose first key is the event `first`. */
function lineOfFirst(at: Reading, name: string, first: number): number {
  const { text, events, next: back } = at;
  at.next = first;
  let found: number | undefined;
  while (found === undefined && isMore(events[at.next])) {
    const key = events[at.next];
    skip(at);
    if (key?.type === EVENT_ID.SCALAR && scalarValue(text, key, undefined) === name)
      found = offsetOf(text, key);
    skip(at);
  }
  at.next = back;
  return at.lineAt(found ?? 0);
}
