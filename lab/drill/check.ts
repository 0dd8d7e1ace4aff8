import type { Clock } from "../../runtime/clock.ts";
import type { Traffic } from "../judge/traffic.ts";
import type { Wellness } from "../judge/well.ts";
import { failedIn } from "../judge/window.ts";
import { GRACE_MS, VERDICT_MS, type Watch } from "./watch.ts";

/** Fresh failures by which a check says NO at once instead of watching its window to the end. */
const PLAINLY_UNWELL = 20;
/** Actions without a pause leave no window to judge. */
const GIVE_UP_MS = 60_000;

export interface CheckDeps {
  readonly watch: Watch;
  readonly traffic: Traffic;
  readonly clock: Clock;
  /** When the last action was over (epoch ms); now, while one is under way. */
  readonly quietSince: () => number;
  /** Programs that are no unit's on the addresses that users and the balancer call, a line each. */
  readonly foreignPrograms: () => Promise<readonly string[]>;
}

/**
 * Whether users are well: over 10 s of their requests, all of them sent after the last action and given their time.
 * Answers at once when such a window lies behind us already and all is well in it, or as soon as it is plain that it is
 * not. While only a few more requests of some user are missing for a verdict, it goes on watching. An action in the middle
 * of a check begins the window anew.
 */
export async function runCheck(
  { watch, traffic, clock, quietSince, foreignPrograms }: CheckDeps,
  signal: AbortSignal,
): Promise<Wellness> {
  const begun = clock.wall();
  let undecidedSince: number | undefined;
  const verdict = await watch.until(
    () => {
      const now = clock.wall();
      const from = now - VERDICT_MS;
      const quiet = quietSince();
      if (undecidedSince !== undefined && undecidedSince < quiet) undecidedSince = undefined;
      if (from >= quiet) {
        const seen = watch.wellness(from);
        if (seen.undecided) {
          undecidedSince ??= now;
          return now - undecidedSince < watch.decideWithinMs ? undefined : seen;
        }
        if (seen.ok || from >= begun) return seen;
      }
      if (undecidedSince === undefined && now - begun >= GIVE_UP_MS) return NEVER_QUIET;
      const since = Math.max(begun, quiet);
      // Over a shorter time the offered load cannot be measured.
      if (now - since < GRACE_MS) return undefined;
      if (traffic.records(since, now).filter(failedIn).length < PLAINLY_UNWELL) return undefined;
      const seen = watch.wellness(since);
      return seen.ok ? undefined : seen;
    },
    GIVE_UP_MS + watch.decideWithinMs,
    signal,
  );
  const { ok, felt } = verdict ?? NEVER_QUIET;
  // Whatever users feel now: the lab does not control what foreign programs do there.
  const others = await foreignPrograms();
  return { ok: ok && others.length === 0, felt: [...felt, ...others] };
}

const NEVER_QUIET: Wellness = {
  ok: false,
  felt: ["one action followed another: users were never seen for 13 s without one"],
};
