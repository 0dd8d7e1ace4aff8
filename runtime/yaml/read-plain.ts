import { readDocument } from "./document.ts";

/** The value of a text that was checked before. Throws for invalid YAML. */
export function readPlain(text: string): unknown {
  const { value, readable, faults } = readDocument(text);
  const [fault] = faults;
  if (fault !== undefined || !readable)
    throw new Error(`${fault?.line ?? 1}:${fault?.column ?? 1}: ${fault?.message ?? "not readable"}`);
  return value;
}
