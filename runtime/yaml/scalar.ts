import {
  boolCoreTag,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  SCALAR_STYLE,
  type ScalarEvent,
} from "js-yaml";

/** YAML's own types for scalars, by their tags. */
const TYPES = { null: nullCoreTag, bool: boolCoreTag, int: intCoreTag, float: floatCoreTag };
const CORE = Object.values(TYPES);
/** The first character of a plain scalar other than text. */
const NOT_TEXT = /^[-+.0-9~nNtTfF]/;

/** The value of a scalar by YAML 1.2's core schema; `tag` is its explicit type: `!!str`. Undefined when it does not fit. */
export function scalarValue(text: string, event: ScalarEvent, tag: string | undefined): unknown {
  const content = scalarText(text, event);
  if (tag === "!!str") return content;
  if (tag !== undefined) {
    const type = TYPES[tag.slice(2) as keyof typeof TYPES];
    const value: unknown = type?.resolve(content, true, type.tagName);
    return value === NOT_RESOLVED ? undefined : value;
  }
  if (event.style !== SCALAR_STYLE.PLAIN || (content !== "" && !NOT_TEXT.test(content))) return content;
  for (const type of CORE) {
    const value: unknown = type.resolve(content, false, type.tagName);
    if (value !== NOT_RESOLVED) return value;
  }
  return content;
}

/** A scalar as it is written, whatever type it looks like: `1.50`, `yes`. */
export const scalarText = (text: string, event: ScalarEvent): string =>
  event.fast ? text.slice(event.valueStart, event.valueEnd) : getScalarValue(text, event);
