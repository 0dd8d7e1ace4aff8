import type { HeaderEdit as Rules } from "../../config/header-rules.ts";

/** What a route's rules do to the fields of one message, worked out once: some names are left out, then fields follow. */
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
