import { z } from "zod";

/** What a supervisor writes to its janitor, a line of JSON each. The first one is `run`. */
export const janitorMessage = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("run"),
    endpoint: z.strictObject({
      host: z.string(),
      certPath: z.string().optional(),
      namedBy: z.string(),
    }),
    /** `key=value` that containers and networks of the run carry. */
    label: z.string().min(1),
  }),
  /** Compose runs, as a process group of its own. */
  z.strictObject({ type: z.literal("compose"), group: z.int().positive() }),
  z.strictObject({ type: z.literal("compose-ended") }),
  /** The supervisor has removed everything by itself. */
  z.strictObject({ type: z.literal("done") }),
]);

export type JanitorMessage = z.infer<typeof janitorMessage>;
