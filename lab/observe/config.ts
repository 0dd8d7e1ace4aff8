import { z } from "zod";

const target = z.strictObject({
  job: z.string().min(1),
  instance: z.string().min(1),
  url: z.url({ protocol: /^http$/ }).describe("Of its text exposition"),
});

/** A URL may be a secret: the configuration only names the file, of mode 0600, that holds it. */
const notified = z.strictObject({ urlPath: z.string().min(1) });

/** The evaluator's configuration: what to scrape, which rules to evaluate, and who else to notify. It holds no secret itself. */
export const evaluatorConfig = z.strictObject({
  name: z.string().min(1),
  port: z.int().min(0).max(65_535).describe("Of its Prometheus API; 0: any free one"),
  tokenPath: z.string().min(1).describe("File with the token that changes need"),
  targets: z.array(target).max(200),
  rules: z.string().min(1).describe("Directory with *.rules.yml"),
  alertmanager: z.string().min(1).describe("File in Alertmanager's format"),
  intervalMs: z.int().min(100).max(60_000).describe("Between two scrapes, and between two evaluations"),
  beginAfterMs: z
    .int()
    .min(0)
    .max(60_000)
    .describe("Before the first scrape: what a service that has just been started does is no incident"),
  retentionMs: z.int().min(60_000).max(86_400_000),
  maxSeries: z.int().min(100).max(1_000_000),
  notify: z
    .strictObject({
      webhook: notified.optional(),
      ntfy: notified.optional(),
      slack: notified.optional(),
    })
    .optional()
    .describe("Who else is notified, beside the lab; absent: nobody"),
});

export type EvaluatorConfig = z.infer<typeof evaluatorConfig>;
