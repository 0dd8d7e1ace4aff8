import type { Clock } from "../runtime/clock.ts";

/** Pages that a web server has ready, in its memory and nowhere else: they end with the process. */
export interface PageCache {
  /** Whether the page is there. Asking is a use of the cache. */
  has(page: string): boolean;
  /** With no room left, the page that has been there longest goes. */
  add(page: string): void;
  readonly size: number;
}

export interface PageCacheConfig {
  /** Pages it has room for. */
  readonly pages: number;
  /** Without any use for so long, the memory is given back, as application servers do with what idles. Absent: never. */
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
