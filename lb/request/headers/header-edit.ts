import type { HeaderEdit as Rules } from "../../config/header-rules.ts";

/** A route's header rules, compiled once: the names that are dropped, and the fields that are appended after that. */
export interface HeaderEdit {
  /** Whether fields of this lower-case name are left out. */
  drops(name: string): boolean;
  /** Name, value, name, value, ... */
  readonly appended: readonly string[];
}

export function createHeaderEdit({ remove, set, add }: Rules): HeaderEdit {
  const gone = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
  return {
    drops: (name) => gone.has(name),
    appended: [...Object.entries(set), ...Object.entries(add)].flat(),
  };
}
