import { EVENT_ID } from "js-yaml";
import { readEvents } from "./events.ts";
import type { Path } from "./fault.ts";
import { MAX_ENTRIES, plainValue, TooManyEntries, type Refuse } from "./plain-value.ts";
import { createPositions, type Position, type Positions } from "./positions.ts";

/** Further ones are only counted: a hostile file could have millions. */
const MAX_FAULTS = 1000;

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
