import { z } from "zod";
import type { Candidate, Policy, PolicyDeps } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("first") });

/**
 * Fills the first candidate up to its connection limit before it touches the next, as HAProxy's `first`: one that is
 * full is no candidate. Without a limit everything goes to one upstream.
 */
export function create<C extends Candidate>(
  _options: z.infer<typeof options>,
  { candidates }: PolicyDeps<C>,
): Policy<C> {
  return {
    pins: false,
    reason: "first-with-room",
    pick: (_request, avoid) => candidates.find((candidate) => !avoid.has(candidate)),
  };
}
