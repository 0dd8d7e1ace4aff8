import { sleep } from "../../runtime/clock.ts";
import type { StatusView } from "../trainee/views.ts";
import { awaitPage } from "./page.ts";
import { DRILL_TEMPO, type Responder } from "./responder.ts";

const ROUND_MINUTES = 15;
const SICK_RATIO = 0.1;
const FULL = 0.8;

/**
 * Restarts whatever looks sick, and when nothing in particular does, everything that serves: the balancer last. Looks
 * again after a while, and goes on until the shift is over.
 */
export const restartTheSick: Responder = async (trainee, options) => {
  const { clock, signal, say, tempo = DRILL_TEMPO } = options;
  const page = await awaitPage(trainee, options);
  if (!page) return true;
  const shiftEnds = page.activeAt + tempo.shiftMinutes * tempo.minuteMs;
  let before = await trainee.status();
  for (;;) {
    const status = await trainee.status();
    const sick = sickIn(status, before);
    const units = sick.length > 0 ? sick : serving(status);
    say(
      sick.length > 0
        ? `looks sick: ${sick.join(", ")}`
        : "nothing looks sick: everything is restarted in turn",
    );
    for (const unit of units) await trainee.act({ do: "unit restart", unit });
    before = status;
    if ((await trainee.check()).ok) return true;
    if (clock.wall() + ROUND_MINUTES * tempo.minuteMs > shiftEnds) break;
    await sleep(clock, ROUND_MINUTES * tempo.minuteMs, signal);
  }
  say("nothing helps");
  return false;
};

/** Backends and the balancer: users and instruments are not restarted. */
function serving({ units }: StatusView): string[] {
  const named = (wanted: string): string[] =>
    units.filter(({ program }) => program === wanted).map(({ name }) => name);
  return [...named("backend"), ...named("balancer")];
}

/** Down, restarting by itself, failing more than one request in ten, or behind a queue that is full. */
function sickIn(status: StatusView, before: StatusView): string[] {
  const down = status.units.filter(({ state }) => state !== "active").map(({ name }) => name);
  const restartsBefore = new Map(before.backends.map(({ backend, restarts }) => [backend, restarts]));
  const failing = status.backends
    .filter(
      ({ backend, failedRatio, restarts }) =>
        failedRatio > SICK_RATIO || restarts > (restartsBefore.get(backend) ?? restarts),
    )
    .map(({ backend }) => backend);
  const behindAFullQueue = (status.pools ?? [])
    .filter(({ queueLength, queueLimit }) => queueLimit > 0 && queueLength >= FULL * queueLimit)
    .flatMap(({ upstreams }) => upstreams.map(({ upstream }) => upstream));
  const sick = new Set([...down, ...failing, ...behindAFullQueue]);
  return serving(status).filter((unit) => sick.has(unit));
}
