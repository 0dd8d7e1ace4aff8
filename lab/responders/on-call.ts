import { gather } from "./evidence.ts";
import { conclude } from "./findings.ts";
import { awaitPage } from "./page.ts";
import { awaitRecovery } from "./recovery.ts";
import type { Responder } from "./responder.ts";

/**
 * Goes by the evidence: waits for the page, gathers what decides the case, concludes, repairs, and waits until users are
 * well. Leaves alone what it cannot explain.
 */
export const answerThePage: Responder = async (trainee, options) => {
  const { clock, signal, say } = options;
  if (!(await awaitPage(trainee, options))) return true;
  say("looking around");
  const finding = conclude(await gather(trainee, clock, signal));
  if (!finding) {
    say("nothing that could be seen explains it: left alone");
    return false;
  }
  for (const line of finding.because) say(`evidence: ${line}`);
  await trainee.diagnose(finding.diagnosis);
  for (const step of finding.repair) await trainee.act(step);
  return awaitRecovery(trainee, options);
};
