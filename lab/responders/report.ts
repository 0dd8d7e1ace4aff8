import { sleep } from "../../runtime/clock.ts";
import { CodedError } from "../../runtime/errors.ts";
import type { Look, PlaybookStep } from "../../scenarios/playbook.ts";
import { awaitPage } from "./page.ts";
import { awaitRecovery } from "./recovery.ts";
import { DRILL_TEMPO, type Responder, type ResponderOptions } from "./responder.ts";
import type { Trainee } from "../trainee/trainee.ts";

const LOG_LINES = 40;
/** What it takes the team to read a measure's suspicion and to believe it: ours. */
const READING_MINUTES = 5;

/**
 * Does what a report's own team did, when it did it: its minute 0 is when the symptom began that pages. A measure that names
 * the cause earlier moves it to the step in which it found that; what follows comes as long after it as in the report.
 */
export function createReport(playbook: readonly PlaybookStep[]): Responder {
  return async (trainee, options) => {
    const { clock, signal, say, tempo = DRILL_TEMPO } = options;
    const page = await awaitPage(trainee, options);
    if (!page) return true;
    const found = playbook.findLastIndex(({ diagnosis }) => diagnosis !== undefined);
    let savedMs = 0;
    for (const [i, { minute, says, looks = [], diagnosis, does = [] }] of playbook.entries()) {
      // What lies before the step in which the cause is found is left out once a measure has named it.
      if (savedMs > 0 && i < found) continue;
      const due = (): number => page.activeAt + minute * tempo.minuteMs - savedMs;
      if (savedMs > 0 || i > found) await sleep(clock, Math.max(0, due() - clock.wall()), signal);
      else if (await namedBefore(due(), options)) {
        const foundAt = page.activeAt + (playbook[found]?.minute ?? 0) * tempo.minuteMs;
        savedMs = Math.max(0, foundAt - clock.wall() - READING_MINUTES * tempo.minuteMs);
        if (savedMs > 0) say("a measure names the cause: it is read");
        if (savedMs > 0 && i < found) continue;
        await sleep(clock, Math.max(0, due() - clock.wall()), signal);
      }
      say(says);
      for (const what of looks) await look(trainee, what);
      if (diagnosis) await trainee.diagnose(diagnosis);
      for (const step of does) await trainee.act(step);
    }
    return awaitRecovery(trainee, options);
  };
}

/** Waits until then (epoch ms): true when a measure names the cause by then. */
async function namedBefore(at: number, { clock, signal, causeNamed }: ResponderOptions): Promise<boolean> {
  const over = new AbortController();
  const waiting = sleep(clock, Math.max(0, at - clock.wall()), AbortSignal.any([signal, over.signal]));
  if (!causeNamed) return waiting.then(() => false);
  try {
    return await Promise.race([waiting.then(() => false), causeNamed.then(() => true)]);
  } finally {
    waiting.catch(() => {});
    over.abort(new Error("a measure has named the cause"));
  }
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
