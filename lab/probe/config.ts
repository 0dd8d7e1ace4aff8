import { z } from "zod";

const durationMs = z.int().min(1).max(3_600_000);
const httpBase = z
  .url({ protocol: /^http$/ })
  .describe("Scheme, host and port; the path is the request's own");

/** The prober's configuration: who its users are and how they behave. */
export const probeConfig = z.strictObject({
  name: z.string().min(1),
  seed: z.union([z.int(), z.string()]),
  target: httpBase.describe("The balancer, as users reach it"),
  users: z.strictObject({
    count: z.int().min(1).max(100_000),
    prefix: z.string().regex(/^[A-Za-z0-9_.-]*$/, "must be fit for a cookie"),
  }),
  visitEveryMs: z
    .int()
    .min(10)
    .max(3_600_000)
    .describe("Mean time between two visits of a user; up to 8 s everybody is seen in every window of 10 s"),
  timeoutMs: durationMs.describe("How long a user waits for a page"),
  pages: z.array(z.string().startsWith("/")).min(1),
  catalogue: z
    .strictObject({ prefix: z.string().startsWith("/"), count: z.int().min(1).max(1_000_000) })
    .optional()
    .describe("Pages prefix0, prefix1, ... that users go to instead; absent: pages"),
  login: z
    .strictObject({
      retryEveryMs: durationMs.describe("Mean time from the start of a failed login to the next try"),
      retryJitter: z.number().min(0).max(1).describe("Share by which that time varies either way"),
      backOff: z
        .strictObject({
          factor: z.number().min(1).max(10).describe("The next pause against the one before"),
          atMostMs: durationMs,
        })
        .optional()
        .describe("Pauses grow with each failure until a login succeeds; absent: they stay the same"),
      patienceMs: durationMs.describe("How long a user waits for a login"),
      rampMs: z.int().min(0).max(3_600_000).describe("Time over which the first logins are spread"),
      sessions: z
        .array(z.string())
        .optional()
        .describe(
          "Session cookies that users have from the start, in their order; absent: everybody logs in first",
        ),
    })
    .optional()
    .describe("Absent: users have no sessions"),
  api: z
    .strictObject({ target: httpBase, perSecond: z.number().positive().max(10_000) })
    .optional()
    .describe("Another team's API that depends on the service; absent: not called"),
  metricsHost: z.string().min(1).default("127.0.0.1").describe("Address that /metrics is served on"),
  metricsPort: z.int().min(0).max(65_535).optional().describe("Where /metrics is served; absent: nowhere"),
});

export type ProbeConfig = z.infer<typeof probeConfig>;
