import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";

const EVERY_MS = 1000;

/** Logs refusals in one line a second, however many there are. The returned function is told each of them. */
export function createRefusalLog({ clock, log }: { clock: Clock; log: Log }): () => void {
  let refused = 0;
  return () => {
    if (refused++ > 0) return;
    clock.after(EVERY_MS, () => {
      log.warn({ refused }, `queue full, refused ${refused} in the last second`);
      refused = 0;
    });
  };
}
