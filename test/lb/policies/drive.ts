import type { Policy } from "../../../lb/policies/policy.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { nobody, type createMembers, type Member } from "./members.ts";

/** How requests come and go: one each millisecond, each with a key of its own. */
export interface Traffic {
  readonly count: number;
  /** How long each takes, in milliseconds. */
  readonly takesMs?: number;
  /** Without a key a policy that hashes spreads at random. */
  readonly keyed?: boolean;
}

/** A policy over members, with requests that stay in flight for a while and are observed when they end. */
export function createDrive(
  members: ReturnType<typeof createMembers>,
  make: (clock: ReturnType<typeof createManualClock>) => Policy<Member>,
) {
  const clock = createManualClock();
  const policy = make(clock);
  members.notify(policy);
  return {
    policy,
    /** How many requests each member got, in their order. */
    run({ count, takesMs = 20, keyed = true }: Traffic): number[] {
      const counts = members.all.map(() => 0);
      const inFlight: { readonly member: Member; readonly endsAt: number }[] = [];
      let ended = 0;
      const settle = () => {
        for (let next = inFlight[ended]; next && next.endsAt <= clock.now(); next = inFlight[++ended]) {
          members.load(next.member.name, next.member.inFlight - 1);
          policy.observe?.(next.member, takesMs, false);
        }
      };
      for (let i = 0; i < count; i++) {
        clock.advance(1);
        settle();
        const picked = policy.pick({ key: keyed ? `user-${i}` : undefined }, nobody);
        if (!picked) continue;
        counts[picked.order] = (counts[picked.order] ?? 0) + 1;
        members.load(picked.name, picked.inFlight + 1);
        inFlight.push({ member: picked, endsAt: clock.now() + takesMs });
      }
      clock.advance(takesMs);
      settle();
      return counts;
    },
  };
}

/**
 * Pearson's statistic of counts against the shares expected, over the value that chance alone exceeds once in a thousand
 * times (Wilson and Hilferty's approximation): above 1 the counts do not have these shares.
 */
export function chiSquareRatio(counts: readonly number[], weights: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weight = weights.reduce((sum, each) => sum + each, 0);
  const statistic = counts.reduce((sum, count, i) => {
    const expected = (total * (weights[i] ?? 0)) / weight;
    return sum + ((count - expected) * (count - expected)) / expected;
  }, 0);
  const freedom = counts.length - 1;
  const root = 1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom));
  return statistic / (freedom * root * root * root);
}
