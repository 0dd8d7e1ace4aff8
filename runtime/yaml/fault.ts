/** A fault in a configuration file, with its place. Lines and columns count from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Path of the field (`pools.web.queue.limit`), empty for a fault of the whole text. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

/** A step into a configuration: a field's name or a place in a list. */
export type Path = readonly (string | number)[];

/** `file:line:column: path: message`, as compilers print it. */
export function formatFault(fault: Fault): string {
  const place = `${fault.file}:${fault.line}:${fault.column}: `;
  return fault.path === "" ? place + fault.message : `${place}${fault.path}: ${fault.message}`;
}

/** A path as text for people. Names that are not plain are quoted, so that nothing in them reaches a terminal raw. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z0-9_-]{1,63}$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${quote(step)}]`;
  }
  return text;
}

/** A value as messages show it: on one line, control characters escaped, cut when long. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" && value.length > 60 ? `${value.slice(0, 60)}...` : value;
  return (JSON.stringify(text) ?? "nothing").replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
