import { sleep } from "../../runtime/clock.ts";
import { awaitPage } from "./page.ts";
import { DRILL_TEMPO, type Responder } from "./responder.ts";

/** Waits for the page and does nothing for a whole shift: what the outage costs when it is left alone. */
export const doNothing: Responder = async (trainee, options) => {
  const { clock, signal, say, tempo = DRILL_TEMPO } = options;
  const page = await awaitPage(trainee, options);
  if (!page) return true;
  say("nobody does anything");
  await sleep(clock, Math.max(0, page.activeAt + tempo.shiftMinutes * tempo.minuteMs - clock.wall()), signal);
  return (await trainee.check()).ok;
};
