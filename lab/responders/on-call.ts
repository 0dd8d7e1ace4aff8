import { sleep, type Clock } from "../../runtime/clock.ts";
import { describeAction } from "../../scenarios/action.ts";
import { gather } from "./evidence.ts";
import { conclude } from "./findings.ts";
import type { Trainee } from "./trainee.ts";

export interface OnCallOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told line by line what is seen and done. */
  readonly say: (line: string) => void;
  /** How long to wait for a page before going home. */
  readonly waitMs: number;
}

const RECOVERY_MS = 150_000;

/**
 * Stands in for a trainee: waits for the page, gathers the decisive evidence, concludes, repairs, and waits until users
 * are well. It sees what a trainee sees, acts through the same actions, and leaves alone what it cannot explain.
 * Resolves to true when users are well at the end.
 */
export async function answerThePage(
  trainee: Trainee,
  { clock, signal, say, waitMs }: OnCallOptions,
): Promise<boolean> {
  const deadline = clock.now() + waitMs;
  for (;;) {
    const page = (await trainee.status()).alerts.find(
      ({ severity, state, notifiedAt }) =>
        severity === "page" && state === "firing" && notifiedAt !== undefined,
    );
    if (page) {
      say(`paged: ${page.name}: ${page.summary}`);
      break;
    }
    if (clock.now() > deadline) {
      say("no page: nothing to do");
      return true;
    }
    await sleep(clock, 500, signal);
  }
  say("looking around");
  const finding = conclude(await gather(trainee, clock, signal));
  if (!finding) {
    say("nothing that could be seen explains it: left alone");
    return false;
  }
  for (const line of finding.because) say(`evidence: ${line}`);
  const { component, mechanism, scope } = finding.diagnosis;
  say(`diagnosis: ${component}, ${mechanism}, ${scope}`);
  await trainee.diagnose(finding.diagnosis);
  for (const step of finding.repair) {
    const { ok, message } = await trainee.act(step);
    say(`${ok ? "done" : "failed"}: ${describeAction(step)}: ${message}`);
  }
  const recovered = clock.now() + RECOVERY_MS;
  while (clock.now() < recovered) {
    const { ok, felt } = await trainee.check();
    say(`check: ${ok ? "OK" : `NO: ${felt.join("; ")}`}`);
    if (ok) return true;
    await sleep(clock, 1000, signal);
  }
  return false;
}
