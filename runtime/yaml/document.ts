import { EVENT_ID, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from "js-yaml";
import { offsetOf, readEvents } from "./events.ts";
import { quote, type Path } from "./fault.ts";
import { createPositions, isMore, type Position, type Positions } from "./positions.ts";
import { scalarText, scalarValue } from "./scalar.ts";

/** Further ones are only counted: a hostile file could have millions. */
const MAX_FAULTS = 1000;
/** A mapping or a list with more entries is no configuration: it is not read to its end. */
const MAX_ENTRIES = 50_000;
/** Limit of searches for a first key: each scans a mapping from its beginning. */
const MAX_SEARCHES = 50;
const MAX_ALIASES = 100;
/** Limit of values that aliases may expand to in all: each use of an anchor costs its size again. */
const MAX_ALIASED_VALUES = 100_000;
/** Names with a meaning in JavaScript: they could change objects outside of the document. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const SCALAR_TAG = /^!!(str|int|float|bool|null)$/;

export interface DocumentFault extends Position {
  readonly path: Path;
  readonly message: string;
}

/** What a YAML text holds as plain values. `value` is only worth checking further when `readable`. */
export interface ReadDocument {
  readonly value: unknown;
  readonly readable: boolean;
  readonly positions: Positions;
  /** The first of them. */
  readonly faults: readonly DocumentFault[];
  /** How many further ones there are. */
  readonly moreFaults: number;
}

export interface ReadOptions {
  /** `text`: numbers and booleans stay as they are written, as Go reads them into string fields; null stays null. */
  readonly scalars?: "typed" | "text";
}

/**
 * Reads one YAML 1.2 document into plain values, refusing what makes YAML dangerous or ambiguous: several documents,
 * own tags, duplicate keys, keys that are not text, runaway aliases and nesting.
 */
export function readDocument(text: string, { scalars = "typed" }: ReadOptions = {}): ReadDocument {
  const read = readEvents(text);
  const positions = createPositions(text);
  const faults: DocumentFault[] = [];
  let moreFaults = 0;
  const refuse: Refuse = (offset, message, path = []) => {
    if (faults.length === MAX_FAULTS) moreFaults += 1;
    else
      faults.push({
        ...positions.ofOffset(offset),
        path: [...path],
        message: typeof message === "string" ? message : message(),
      });
  };
  if (!read.ok) {
    refuse(read.offset, read.message);
    return { value: undefined, readable: false, positions, faults, moreFaults };
  }
  if (read.secondAt !== undefined) refuse(read.secondAt, "a second document begins here, allowed is one");
  const { events } = read;
  const [document] = events;
  for (const directive of document?.type === EVENT_ID.DOCUMENT ? document.directives : []) {
    if (directive.kind !== "yaml") refuse(0, "a %TAG directive is not supported");
    else if (directive.version !== "1.2")
      refuse(0, "the %YAML directive asks for another version, allowed is 1.2");
  }
  try {
    const value = plainValue(text, events, {
      refuse,
      lineAt: (offset) => positions.ofOffset(offset).line,
      asText: scalars === "text",
    });
    return { value, readable: true, positions, faults, moreFaults };
  } catch (error) {
    if (!(error instanceof TooManyEntries)) throw error;
    const { line, column } = positions.ofOffset(error.offset);
    // Reported in any case, also over the limit of faults.
    faults.push({
      line,
      column,
      path: error.path,
      message: `has too many entries, allowed are ${MAX_ENTRIES}`,
    });
    return { value: undefined, readable: false, positions, faults, moreFaults };
  }
}

/** Thrown to stop reading. */
class TooManyEntries extends Error {
  readonly offset: number;
  readonly path: Path;

  constructor(offset: number, path: Path) {
    super("too many entries");
    this.offset = offset;
    this.path = path;
  }
}

type Refuse = (offset: number, message: string | (() => string), path?: Path) => void;

/** The value of an anchor; undefined until it is read completely. */
interface Anchored {
  value: unknown;
  /** How many values it is made of. */
  size: number;
  whole: boolean;
}

interface Reading {
  readonly refuse: Refuse;
  readonly lineAt: (offset: number) => number;
  readonly asText: boolean;
}

function plainValue(text: string, events: readonly Event[], { refuse, lineAt, asText }: Reading): unknown {
  const anchors = new Map<string, Anchored>();
  /** Path of the current value: changed in place, since most paths are never reported. */
  const path: (string | number)[] = [];
  let next = 1;
  let aliases = 0;
  let aliasedValues = 0;
  let values = 0;
  let searches = 0;

  function read(): unknown {
    const event = events[next++];
    values++;
    switch (event?.type) {
      case EVENT_ID.ALIAS:
        return follow(text.slice(event.anchorStart, event.anchorEnd), event.anchorStart - 1);
      case EVENT_ID.SCALAR:
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        if (event.anchorStart < 0) return content(event);
        return anchor(event);
      default:
        return null;
    }
  }

  function anchor(event: ScalarEvent | SequenceEvent | MappingEvent): unknown {
    const before = values;
    const entry: Anchored = { value: undefined, size: 0, whole: false };
    anchors.set(text.slice(event.anchorStart, event.anchorEnd), entry);
    entry.value = content(event);
    entry.size = values - before + 1;
    entry.whole = true;
    return entry.value;
  }

  function content(event: ScalarEvent | SequenceEvent | MappingEvent): unknown {
    const tag = tagOf(event);
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const value = scalarValue(text, event, tag);
        if (value === undefined)
          refuse(offsetOf(text, event) ?? 0, `is not what its tag ${quote(tag)} says`, path);
        return asText && value !== null ? scalarText(text, event) : value;
      }
      case EVENT_ID.SEQUENCE: {
        const list: unknown[] = [];
        for (; isMore(events[next]); path.pop()) {
          if (list.length === MAX_ENTRIES)
            throw new TooManyEntries(offsetOf(text, events[next]) ?? 0, [...path]);
          path.push(list.length);
          list.push(read());
        }
        next++;
        return list;
      }
      case EVENT_ID.MAPPING:
        return mapping();
    }
  }

  /** The tag of an event, if it has an allowed one. */
  function tagOf(event: ScalarEvent | SequenceEvent | MappingEvent): string | undefined {
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

  function mapping(): unknown {
    const object: Record<string, unknown> = {};
    const first = next;
    let entries = 0;
    while (isMore(events[next])) {
      const at = next;
      if (++entries > MAX_ENTRIES) throw new TooManyEntries(offsetOf(text, events[at]) ?? 0, [...path]);
      const key = events[at];
      let name: unknown;
      if (key?.type === EVENT_ID.SCALAR) name = read();
      else skip();
      const refusal = refusalOf(name, object, first);
      if (refusal === undefined) {
        path.push(name as string);
        object[name as string] = read();
        path.pop();
      } else {
        const offset = offsetOf(text, key) ?? offsetOf(text, events[next]) ?? 0;
        refuse(offset, refusal.message, refusal.named ? [...path, name as string] : path);
        skip();
      }
    }
    next++;
    return object;
  }

  /** Why a mapping takes no field of this name; `named`: the fault is that field's, and not the mapping's. */
  function refusalOf(
    name: unknown,
    object: Readonly<Record<string, unknown>>,
    first: number,
  ): { readonly message: string | (() => string); readonly named: boolean } | undefined {
    if (typeof name !== "string")
      return { message: "a field's name must be text: put it in quotes", named: false };
    if (FORBIDDEN_KEYS.has(name)) return { message: "is not a name that a field may have", named: true };
    if (name === "<<")
      return { message: "merging with << is not supported, repeat the fields", named: false };
    if (!Object.hasOwn(object, name)) return undefined;
    return { message: () => `is given twice${whereFirst(name, first)}`, named: true };
  }

  function follow(name: string, offset: number): unknown {
    const anchored = anchors.get(name);
    if (anchored === undefined) {
      refuse(offset, `*${name} stands for nothing: no &${name} comes before it`, path);
    } else if (!anchored.whole) {
      refuse(offset, `*${name} stands inside the very thing that it names`, path);
    } else if (++aliases > MAX_ALIASES) {
      if (aliases === MAX_ALIASES + 1) refuse(offset, `too many aliases, allowed are ${MAX_ALIASES}`, path);
    } else if ((aliasedValues += anchored.size) > MAX_ALIASED_VALUES) {
      refuse(offset, `aliases stand for too much, allowed are ${MAX_ALIASED_VALUES} values in all`, path);
    } else {
      values += anchored.size;
      return anchored.value;
    }
    return undefined;
  }

  /** Skips one value with all its content. */
  function skip(): void {
    let open = 0;
    do {
      const event = events[next++];
      if (event?.type === EVENT_ID.POP) open -= 1;
      else if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) open += 1;
    } while (open > 0);
  }

  function whereFirst(name: string, first: number): string {
    return searches++ < MAX_SEARCHES ? `, first on line ${lineOfFirst(name, first)}` : "";
  }

  /** The line of the first key of this name in the mapping whose first key is the event `first`. */
  function lineOfFirst(name: string, first: number): number {
    const back = next;
    next = first;
    let found: number | undefined;
    while (found === undefined && isMore(events[next])) {
      const key = events[next];
      skip();
      if (key?.type === EVENT_ID.SCALAR && scalarValue(text, key, undefined) === name)
        found = offsetOf(text, key);
      skip();
    }
    next = back;
    return lineAt(found ?? 0);
  }

  return read();
}
