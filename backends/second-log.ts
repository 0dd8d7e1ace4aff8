import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";

const EVERY_MS = 1000;

/**
 * Warns of what happens to requests in one line a second for each kind, however many there are. The returned function
 * takes each occurrence by its kind, the line's text up to the number: `queue full, refused`.
 */
export function createSecondLog({ clock, log }: { clock: Clock; log: Log }): (kind: string) => void {
  let counts: Map<string, number> | undefined;
  return (kind) => {
    if (!counts) {
      counts = new Map();
      clock.after(EVERY_MS, write);
    }
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  };

  function write(): void {
    for (const [kind, count] of counts ?? []) log.warn({ count }, `${kind} ${count} in the last second`);
    counts = undefined;
  }
}
