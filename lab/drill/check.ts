import type { Clock } from "../../runtime/clock.ts";
import { WINDOW_MS } from "../judge/impact.ts";
import type { Traffic } from "../judge/traffic.ts";
import type { Wellness } from "../judge/well.ts";
import { failedIn } from "../judge/window.ts";
import { GRACE_MS, type Watch } from "./watch.ts";

/** Fresh failures by which a check says NO at once instead of watching its window to the end. */
const PLAINLY_UNWELL = 20;

/**
 * Whether users are well: over 10 s of their requests, all of them sent after the last action. Answers at once when
 * such a window lies behind us already and all is well in it, or as soon as it is plain that it is not.
 */
export async function runCheck(
  { watch, traffic, clock }: { readonly watch: Watch; readonly traffic: Traffic; readonly clock: Clock },
  lastActionAt: number,
  signal: AbortSignal,
): Promise<Wellness> {
  const begun = clock.wall();
  const earliest = Math.max(lastActionAt, begun - WINDOW_MS - GRACE_MS);
  const verdict = await watch.until(
    () => {
      const now = clock.wall();
      if (now - WINDOW_MS - GRACE_MS >= earliest) {
        // Old enough for every request in it to have had its time.
        const seen = watch.wellness(now - WINDOW_MS - GRACE_MS);
        if (seen.ok) return seen;
      }
      const fresh = traffic.records(Math.max(begun, lastActionAt), now).filter(failedIn).length;
      return fresh >= PLAINLY_UNWELL ? watch.wellness(begun) : undefined;
    },
    WINDOW_MS + GRACE_MS,
    signal,
  );
  return verdict ?? watch.wellness(clock.wall() - WINDOW_MS - GRACE_MS);
}
