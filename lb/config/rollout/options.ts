import { z } from "zod";
import { keyOption } from "../../policies/key-option.ts";

/** How changes of the configuration are guarded: the section `rollout` and what belongs to it, the one source of their types. */

const duration = (fallback: number) => z.int().min(100).max(604_800_000).default(fallback);
const code = z
  .string()
  .regex(/^[A-Z][A-Z_]{1,60}$/, "must be a code that --check finds, such as NO_HEALTH_CHECK");

const lintOptions = z.strictObject({
  refuse: z
    .enum(["off", "errors", "warnings"])
    .default("off")
    .describe(
      "Findings of lint that keep a configuration from being taken: none, errors, or warnings as well",
    ),
  also: z.array(code).max(100).default([]).describe("Codes that refuse whatever their severity"),
  except: z.array(code).max(100).default([]).describe("Codes that never refuse"),
});

const watchOptions = z.strictObject({
  bakeMs: duration(600_000).describe(
    "How long a version is watched after it was put in force; well until the end, it has baked",
  ),
  intervalMs: duration(10_000).describe("Between two judgements"),
  minRequests: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20)
    .describe("Fewer requests since the change are no ground for a verdict, nor has such a version baked"),
  minFailures: z
    .int()
    .min(1)
    .max(200)
    .default(3)
    .describe("Fewer failed requests are never worse than before"),
  failureRatioRise: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe("Failed requests over all (0..1) may be so much more than before the change"),
  p95Factor: z
    .number()
    .min(1)
    .max(100)
    .default(2)
    .describe("Times that p95 may be what it was before the change; judged from 100 requests on"),
  intervals: z.int().min(1).max(60).default(2).describe("Judgements in a row that must find it worse"),
  rollback: z
    .boolean()
    .default(true)
    .describe(
      "Put the last version that has baked in force again when this one is worse; false: only say so",
    ),
  freeze: z
    .boolean()
    .default(true)
    .describe("After an automatic rollback, refuse changes until somebody thaws them"),
});

const auditOptions = z.strictObject({
  driftEveryMs: duration(300_000).describe(
    "Between two comparisons of what runs with what was reviewed and with the file",
  ),
  lintEveryMs: duration(14_400_000).describe("Between two runs of lint over the configuration in force"),
});

export const MAX_CANARY_SHARE = 0.5;
const shareOfUsers = z.number().gt(0).max(MAX_CANARY_SHARE);

/** How a canary grows unless its start says otherwise. */
export const canaryOptions = z.strictObject({
  user: keyOption
    .default("peer")
    .describe(
      "What of a request says whose it is, so that a user always meets the same version; a request without it meets the version in force",
    ),
  share: shareOfUsers
    .default(0.1)
    .describe("Part of the users (up to 0.5) that it begins with; as many others are its baseline"),
  step: shareOfUsers.default(0.1).describe("What each step adds, up to 0.5"),
  everyMs: duration(60_000).describe("From one verdict to the next: better takes a step, worse aborts"),
  bakeMs: z
    .int()
    .min(0)
    .max(604_800_000)
    .default(600_000)
    .describe("How long it serves half of the users before it is promoted"),
  inconclusiveLimit: z
    .int()
    .min(0)
    .max(10_000)
    .default(10)
    .describe("Inconclusive verdicts in a row that it may have; one more aborts it"),
});

export const rolloutOptions = z.strictObject({
  lint: lintOptions.prefault({}),
  review: z
    .enum(["off", "required"])
    .default("off")
    .describe("Whether a change needs the approval of a reviewer who is not its author (admin.tokens)"),
  watch: watchOptions.optional().describe("Watches users' failures and p95 after each change; absent: off"),
  canary: canaryOptions
    .prefault({})
    .describe("How a version grows that is tried on a part of the users beside the one in force"),
  audit: auditOptions.optional().describe("Compares and lints on a schedule; absent: only when asked for"),
});

export type RolloutOptions = z.infer<typeof rolloutOptions>;
export type LintOptions = RolloutOptions["lint"];
export type WatchOptions = z.infer<typeof watchOptions>;
export type AuditOptions = z.infer<typeof auditOptions>;

/** What a configuration without the section has. */
export const NO_ROLLOUT: RolloutOptions = rolloutOptions.parse({});
