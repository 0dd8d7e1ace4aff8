import { describe, expect, it } from "vitest";
import { createPageCache } from "../../backends/page-cache.ts";
import { createManualClock } from "../support/manual-clock.ts";

describe("a page cache", () => {
  it("has what was added, and room for so many: the oldest goes first, however often it was asked for", () => {
    const cache = createPageCache({ pages: 2 }, { clock: createManualClock() });
    expect(cache.has("/a")).toBe(false);
    cache.add("/a");
    cache.add("/b");
    cache.add("/b");
    expect([cache.has("/a"), cache.has("/b"), cache.size]).toEqual([true, true, 2]);
    cache.add("/c");
    expect([cache.has("/a"), cache.has("/b"), cache.has("/c"), cache.size]).toEqual([false, true, true, 2]);
  });

  it("is given back when nobody has used it for too long, and any use keeps it", () => {
    const clock = createManualClock();
    const cache = createPageCache({ pages: 10, idleMs: 1000 }, { clock });
    cache.add("/a");
    for (let i = 0; i < 5; i++) {
      clock.advance(900);
      expect(cache.has("/nowhere")).toBe(false);
    }
    expect(cache.has("/a")).toBe(true);
    clock.advance(1001);
    expect(cache.has("/a")).toBe(false);
    expect(cache.size).toBe(0);
  });

  it("is kept for ever unless a time is named", () => {
    const clock = createManualClock();
    const cache = createPageCache({ pages: 10 }, { clock });
    cache.add("/a");
    clock.advance(365 * 86_400_000);
    expect(cache.has("/a")).toBe(true);
  });
});
