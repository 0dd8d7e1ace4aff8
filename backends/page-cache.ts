import type { Clock } from "../runtime/clock.ts";

/** A web server's cache of pages, only in its memory: it ends with the process. */
export interface PageCache {
  /** Whether the page is cached. Counts as a use of the cache. */
  has(page: string): boolean;
  /** Adds a page; when full, the oldest one is evicted. */
  add(page: string): void;
  readonly size: number;
}

export interface PageCacheConfig {
  /** Pages it has room for. */
  readonly pages: number;
  /** Without any use for so long the cache is emptied, as application servers do with idle memory. Absent: never. */
  readonly idleMs?: number | undefined;
}

export function createPageCache(
  { pages, idleMs = Infinity }: PageCacheConfig,
  { clock }: { readonly clock: Clock },
): PageCache {
  const ready = new Set<string>();
  let usedAt = clock.now();

  function use(): void {
    const now = clock.now();
    if (now - usedAt > idleMs) ready.clear();
    usedAt = now;
  }

  return {
    has(page) {
      use();
      return ready.has(page);
    },
    add(page) {
      use();
      if (ready.has(page)) return;
      if (ready.size >= pages)
        for (const oldest of ready) {
          ready.delete(oldest);
          break;
        }
      ready.add(page);
    },
    get size() {
      return ready.size;
    },
  };
}
