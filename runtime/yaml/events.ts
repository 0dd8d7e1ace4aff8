import { EVENT_ID, parseEvents, SCALAR_STYLE, YAMLException, type Event } from "js-yaml";

/** The events of one YAML document, in the order of its text; a collection ends with an event of its own. */
export type EventsRead =
  | { readonly ok: true; readonly events: readonly Event[]; readonly secondAt: number | undefined }
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** Nesting of collections: a legitimate file needs fewer than twenty. */
const MAX_DEPTH = 60;
/** A file with 20,000 upstreams has 300,000. */
const MAX_SEPARATORS = 1_000_000;
/** Without one of these between them, no two elements are two. */
const SEPARATORS = new Set([",", ":", "\n", "\r", "[", "{", "-", "?"].map((char) => char.charCodeAt(0)));

/** The first document's events; `secondAt`: where a second one begins that should not be there. */
export function readEvents(text: string): EventsRead {
  const excess = tooMany(text);
  if (excess !== undefined)
    return { ok: false, offset: excess, message: `too many elements, allowed are ${MAX_SEPARATORS}` };
  try {
    const events = parseEvents(text, { maxDepth: MAX_DEPTH });
    const second = events.findIndex((event, i) => i > 0 && event.type === EVENT_ID.DOCUMENT);
    if (second === -1) return { ok: true, events, secondAt: undefined };
    return { ok: true, events: events.slice(0, second), secondAt: markBefore(text, events[second + 1]) };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const offset = error.mark?.position ?? 0;
    const isDeep = error.reason.startsWith("nesting exceeded");
    return {
      ok: false,
      offset,
      message: isDeep
        ? `nested too deep, allowed are ${MAX_DEPTH} levels`
        : `not valid YAML: ${error.reason}`,
    };
  }
}

/** Where an event's own text begins; undefined for an event without text. */
export function offsetOf(text: string, event: Event | undefined): number | undefined {
  switch (event?.type) {
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.SCALAR:
      if (event.valueStart < 0) return undefined;
      return event.valueStart - mark(text, event.style, event.valueStart);
    default:
      return undefined;
  }
}

/** Characters from a scalar's quote or block indicator to its content. */
function mark(text: string, style: number, valueStart: number): number {
  switch (style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return 1;
    case SCALAR_STYLE.LITERAL_BLOCK:
      return valueStart - text.lastIndexOf("|", valueStart);
    case SCALAR_STYLE.FOLDED_BLOCK:
      return valueStart - text.lastIndexOf(">", valueStart);
    default:
      return 0;
  }
}

/** Where the line of dashes before a document's first event begins. */
function markBefore(text: string, first: Event | undefined): number {
  const before = offsetOf(text, first) ?? text.length;
  return Math.max(0, text.lastIndexOf("---", before));
}

/** Where the text goes past the number of elements that it may have. Counted before parsing, which costs memory. */
function tooMany(text: string): number | undefined {
  if (text.length <= MAX_SEPARATORS) return undefined;
  let count = 0;
  for (let i = 0; i < text.length; i++)
    if (SEPARATORS.has(text.charCodeAt(i)) && ++count > MAX_SEPARATORS) return i;
  return undefined;
}
