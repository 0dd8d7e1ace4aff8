import { sleep } from "../../runtime/clock.ts";
import type { StatusView } from "../trainee/views.ts";
import { awaitPage } from "./page.ts";
import { DRILL_TEMPO, type Responder } from "./responder.ts";

const STRIKE_EVERY_MINUTES = 2;

/**
 * Makes it worse: every few minutes it stops the backend that answers the most, and the balancer once none is left; then
 * it waits until its shift is over.
 */
export const makeItWorse: Responder = async (trainee, options) => {
  const { clock, signal, say, tempo = DRILL_TEMPO } = options;
  const page = await awaitPage(trainee, options);
  if (!page) return true;
  const shiftEnds = page.activeAt + tempo.shiftMinutes * tempo.minuteMs;
  const strike = STRIKE_EVERY_MINUTES * tempo.minuteMs;
  while (clock.wall() + strike < shiftEnds) {
    const victim = busiestIn(await trainee.status());
    if (victim === undefined) break;
    say(`${victim} still works`);
    await trainee.act({ do: "unit stop", unit: victim });
    await sleep(clock, strike, signal);
  }
  say("what there is to stop is stopped");
  await sleep(clock, Math.max(0, shiftEnds - clock.wall()), signal);
  return (await trainee.check()).ok;
};

function busiestIn({ backends, units }: StatusView): string | undefined {
  const [busiest] = backends
    .filter(({ state }) => state === "active" || state === "activating" || state === "auto-restart")
    .sort((a, b) => b.answersPerSecond - a.answersPerSecond);
  return (
    busiest?.backend ?? units.find(({ program, state }) => program === "balancer" && state === "active")?.name
  );
}
