import { sleep } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { Look, PlaybookStep } from "../../scenarios/playbook.ts";
import { awaitPage } from "./page.ts";
import { awaitRecovery } from "./recovery.ts";
import { DRILL_TEMPO, type Responder } from "./responder.ts";
import type { Trainee } from "../trainee/trainee.ts";

const LOG_LINES = 40;

/** Does what a report's own team did, when it did it: its minute 0 is when the symptom began that pages. */
export function createReport(playbook: readonly PlaybookStep[]): Responder {
  return async (trainee, options) => {
    const { clock, signal, say, tempo = DRILL_TEMPO } = options;
    const page = await awaitPage(trainee, options);
    if (!page) return true;
    for (const { minute, says, looks = [], diagnosis, does = [] } of playbook) {
      await sleep(clock, Math.max(0, page.activeAt + minute * tempo.minuteMs - clock.wall()), signal);
      say(says);
      for (const what of looks) await look(trainee, what);
      if (diagnosis) await trainee.diagnose(diagnosis);
      for (const step of does) await trainee.act(step);
    }
    return awaitRecovery(trainee, options);
  };
}

async function look(trainee: Trainee, what: Look): Promise<void> {
  if (what.startsWith("logs ")) return void (await trainee.logs({ unit: what.slice(5), lines: LOG_LINES }));
  if (what.startsWith("metrics ")) {
    // A unit that is down has none to give, and that was seen as well.
    await trainee.metrics({ unit: what.slice(8) }).catch((error: unknown) => {
      if (!(error instanceof CodedError && error.code === "NOT_FOUND")) throw error;
    });
    return;
  }
  const one = what as Exclude<Look, `${string} ${string}`>;
  await trainee[one]();
}
