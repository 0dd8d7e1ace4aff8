import type { Cancel } from "../../runtime/clock.ts";
import type { UpstreamState } from "../balancer.ts";
import type { PoolConfig } from "../config/schema.ts";
import { createUpstream, type Upstream } from "./upstream.ts";

/** An upstream of a pool with what the pool keeps beside it. */
export interface Member {
  readonly upstream: Upstream;
  stopChecks: Cancel | undefined;
  /** The state last reported. */
  reported: UpstreamState | undefined;
}

export type Members = ReadonlyMap<string, Member>;

/** The members that another configuration does not have, or has at another address: these leave. */
export function membersThatLeave(members: Members, { upstreams }: PoolConfig): readonly Member[] {
  const wanted = new Map(upstreams.map((upstream) => [upstream.name, upstream.address]));
  return [...members.values()].filter(({ upstream }) => wanted.get(upstream.name) !== upstream.address);
}

/**
 * The members under another configuration: those that stay are the same objects with new settings. `reordered`: they are
 * in another order. `members` are those that have not left, `fresh` those that were not among them.
 */
export function configuredMembers(
  members: Members,
  { upstreams, health }: PoolConfig,
): { readonly members: Map<string, Member>; readonly fresh: readonly Member[]; readonly reordered: boolean } {
  const next = new Map<string, Member>();
  const fresh: Member[] = [];
  let lastOrder = -1;
  let reordered = false;
  upstreams.forEach((settings, order) => {
    const kept = members.get(settings.name);
    const member = kept ?? {
      upstream: createUpstream(settings),
      stopChecks: undefined,
      reported: undefined,
    };
    if (kept) {
      reordered ||= kept.upstream.order < lastOrder;
      lastOrder = kept.upstream.order;
    } else fresh.push(member);
    member.upstream.configure(settings, order);
    if (!health) member.upstream.forgetChecks();
    next.set(settings.name, member);
  });
  return { members: next, fresh, reordered };
}

/** Ends a member's health checks, if it has any. */
export function stopChecks(member: Member): void {
  member.stopChecks?.();
  member.stopChecks = undefined;
}
