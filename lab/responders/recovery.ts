import { sleep } from "../../runtime/clock.ts";
import { DRILL_TEMPO, type ResponderOptions } from "./responder.ts";
import type { Trainee } from "../trainee/trainee.ts";

const AT_LEAST_MS = 1000;

/** After a repair: checks again and again until users are well. False when they are not within the recovery time. */
export async function awaitRecovery(
  trainee: Trainee,
  { clock, signal, tempo = DRILL_TEMPO }: ResponderOptions,
): Promise<boolean> {
  const deadline = clock.now() + tempo.recoveryMs;
  while (clock.now() < deadline) {
    if ((await trainee.check()).ok) return true;
    await sleep(clock, Math.max(AT_LEAST_MS, tempo.minuteMs), signal);
  }
  return false;
}
