import type { Cancel } from "../../runtime/clock.ts";
import type { Random } from "../../runtime/random.ts";
import type { VirtualClock } from "../world/simulated/virtual-time.ts";
import type { WorldSetting } from "./setting.ts";

export const USERS = 200;
/** Shape of the lognormal work of a request, as the lab's backends have it. */
const SIGMA = 0.4;

/** A request that a user sends. */
export interface Arrival {
  readonly user: number;
  /** How many times the usual work it is, 1 on average. */
  readonly cost: number;
}

export interface SandboxUsers {
  change(setting: Pick<WorldSetting, "requestsPerSecond" | "userSkew">): void;
}

/**
 * Users who send at random times and wait for nobody: load that does not ease when answers are late. Who sends what, and
 * when, follows from the random stream and the changes alone, so that both sides get the same.
 */
export function createSandboxUsers(
  { clock, random }: { readonly clock: VirtualClock; readonly random: Random },
  send: (arrival: Arrival) => void,
): SandboxUsers {
  let everyMs = Infinity;
  let upTo: readonly number[] = [];
  let cancel: Cancel | undefined;

  function next(): void {
    cancel = clock.after(random.exponential(everyMs), () => {
      const user = placeIn(upTo, random.next());
      send({ user, cost: random.lognormal(1, SIGMA) });
      next();
    });
  }

  return {
    change({ requestsPerSecond, userSkew }) {
      upTo = cumulative(userSkew);
      const wanted = 1000 / requestsPerSecond;
      if (wanted === everyMs) return;
      everyMs = wanted;
      cancel?.();
      next();
    },
  };
}

/** By Zipf: the user of rank r sends in proportion to 1 / r to the power of the skew. */
function cumulative(skew: number): readonly number[] {
  const parts = Array.from({ length: USERS }, (_, i) => Math.exp(-skew * Math.log(i + 1)));
  const all = parts.reduce((sum, part) => sum + part, 0);
  let sum = 0;
  return parts.map((part) => (sum += part) / all);
}

function placeIn(upTo: readonly number[], drawn: number): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((upTo[middle] ?? 1) <= drawn) low = middle + 1;
    else high = middle;
  }
  return low;
}
