import { sleep, type Clock } from "../../../runtime/clock.ts";
import type { NetworkEnd } from "./network.ts";

const LOOK_EVERY_MS = 5;

/** Resolves when nothing that came in is left unanswered, or after the deadline. */
export async function closeWhenIdle(
  network: Pick<NetworkEnd, "serving">,
  promises: Clock,
  deadlineMs: number,
): Promise<void> {
  const end = promises.now() + deadlineMs;
  while (network.serving() > 0 && promises.now() < end) await sleep(promises, LOOK_EVERY_MS);
}
