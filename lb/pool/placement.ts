import type { PickReason } from "../pick-reasons.ts";
import type { Applicant } from "./admission.ts";
import type { Candidates } from "./candidates.ts";
import { hasRoom, type Upstream } from "./upstream.ts";

export const NONE_TRIED: ReadonlySet<Upstream> = new Set();

/** The upstream that an applicant gets now, or the one that it has to wait for; undefined: whichever has room first. */
export type Place =
  | { readonly now: Upstream; readonly because: PickReason }
  | { readonly waitsFor: Upstream | undefined };

/** Which upstream suits an applicant, and why. */
export interface Placement {
  place(applicant: Applicant): Place;
  /** The one upstream that the applicant is bound to, which may be full. */
  boundTo(applicant: Applicant, tried: ReadonlySet<Upstream>): Upstream | undefined;
  anyWithRoom(applicant: Applicant, tried: ReadonlySet<Upstream>): Upstream | undefined;
  reasonFor(upstream: Upstream, applicant: Applicant, isBound: boolean): PickReason;
}

export function createPlacement(
  candidates: Candidates,
  find: (name: string) => Upstream | undefined,
): Placement {
  function boundTo(applicant: Applicant, tried: ReadonlySet<Upstream>): Upstream | undefined {
    const stuck = applicant.stuckTo === undefined ? undefined : find(applicant.stuckTo);
    if (stuck && candidates.isAvailable(stuck) && !tried.has(stuck)) return stuck;
    const { policy } = candidates;
    return policy.pins && applicant.key !== undefined ? policy.pick(applicant, tried) : undefined;
  }

  function anyWithRoom(applicant: Applicant, tried: ReadonlySet<Upstream>): Upstream | undefined {
    const { policy, full } = candidates;
    // Only a policy that pins has full ones in its view.
    const avoid = full.size === 0 ? tried : tried.size === 0 ? full : new Set([...full, ...tried]);
    return policy.pick(applicant, avoid);
  }

  function reasonFor(upstream: Upstream, applicant: Applicant, isBound: boolean): PickReason {
    const { policy } = candidates;
    if (isBound && applicant.stuckTo === upstream.name) return "sticky-cookie";
    if (!upstream.availability.up) return "panic-mode";
    if (isBound) return "hash";
    if (candidates.onlyOne) return "only-candidate";
    return policy.pins ? "no-key" : (policy.reason ?? "policy");
  }

  function place(applicant: Applicant): Place {
    const bound = boundTo(applicant, NONE_TRIED);
    const upstream = bound ?? anyWithRoom(applicant, NONE_TRIED);
    if (!upstream || !hasRoom(upstream)) return { waitsFor: bound };
    return { now: upstream, because: reasonFor(upstream, applicant, bound !== undefined) };
  }

  return { place, boundTo, anyWithRoom, reasonFor };
}
