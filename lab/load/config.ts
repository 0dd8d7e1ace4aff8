import { z } from "zod";

/** The load's configuration: how much, of what, and as which users. */
export const loadConfig = z.strictObject({
  name: z.string().min(1),
  seed: z.union([z.int(), z.string()]),
  target: z.url({ protocol: /^http$/ }).describe("The balancer, as users reach it"),
  requestsPerSecond: z.int().min(1).max(2_000),
  timeoutMs: z.int().min(1000).max(3_600_000).default(10_000),
  users: z.strictObject({
    count: z.int().min(1).max(100_000),
    prefix: z.string().regex(/^[A-Za-z0-9_.-]*$/, "must be fit for a cookie"),
  }),
  pages: z.array(z.string().startsWith("/")).min(1),
  mix: z
    .record(z.string(), z.number().min(0))
    .default({})
    .describe("Weight of a page among the pages; one that is not named weighs 1"),
});

export type LoadConfig = z.infer<typeof loadConfig>;
