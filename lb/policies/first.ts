import { z } from "zod";
import type { CreatePolicy } from "./policy.ts";

export const options = z.strictObject({ type: z.literal("first") });

/**
 * Fills the first candidate up to its connection limit before it touches the next, as HAProxy's `first`.
 * Without a limit everything goes to one upstream.
 */
export const create: CreatePolicy<z.infer<typeof options>> = (_options, { candidates }) => ({
  pins: false,
  pick: (_request, avoid) => candidates.find((candidate) => !avoid.has(candidate)),
});
