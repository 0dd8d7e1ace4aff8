import { readDocument } from "./document.ts";

/** What a text holds that somebody has checked already. Throws for one that is no YAML. */
export function readPlain(text: string): unknown {
  const { value, readable, faults } = readDocument(text);
  const [fault] = faults;
  if (fault !== undefined || !readable)
    throw new Error(`${fault?.line ?? 1}:${fault?.column ?? 1}: ${fault?.message ?? "not readable"}`);
  return value;
}
