import { EVENT_TYPES, type EventType, type JournalPlace, type LabEvent } from "./event.ts";

/** Server-sent events (WHATWG HTML, 9.2): how a lab's events look on the wire. */

/** A comment that keeps the stream alive while there are no events. */
export const HEARTBEAT = ":\n\n";
export const HEARTBEAT_EVERY_MS = 15_000;

/** `id` is a line's place in the journal, which a reader resumes with; other events have none. */
export function encodeEvent(event: LabEvent): string {
  const id =
    event.type === "journal" ? `id: ${placeText({ drill: event.drill, seq: event.line.seq })}\n` : "";
  return `${id}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

export const placeText = ({ drill, seq }: JournalPlace): string => `${drill}/${seq}`;

/** Parses `DRILL/SEQ`, or the number alone of a line of `current`. Undefined for anything else. */
export function parsePlace(text: string, current: string | undefined): JournalPlace | undefined {
  const [, drill = current, seq] = /^(?:([\w-]{1,64})\/)?(\d{1,9})$/.exec(text) ?? [];
  return drill === undefined || seq === undefined ? undefined : { drill, seq: Number(seq) };
}

/** Parses `journal,alert`; absent, all. Undefined for anything but a list of types. */
export function parseTypes(text: unknown): ReadonlySet<EventType> | undefined {
  if (text === undefined) return new Set(EVENT_TYPES);
  if (typeof text !== "string") return undefined;
  const types = text.split(",").map((name) => EVENT_TYPES.find((type) => type === name));
  const known = types.filter((type) => type !== undefined);
  return known.length === types.length ? new Set(known) : undefined;
}
