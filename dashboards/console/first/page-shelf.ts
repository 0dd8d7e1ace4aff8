import type { Shelf } from "./saved.ts";

/** The browser's own, or nothing where it has none. */
export const pageShelf: Shelf = {
  read(key) {
    try {
      return localStorage.getItem(key) ?? undefined;
    } catch {
      // Storage is switched off: every visit is a first one.
      return undefined;
    }
  },
  write(key, text) {
    try {
      localStorage.setItem(key, text);
    } catch {
      // Full or switched off: there is nothing to go on with later, and nothing else is lost.
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // As above.
    }
  },
};
